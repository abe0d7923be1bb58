//go:build schemagen

package main

import (
	"fmt"
	"strconv"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"
)

// isMap reports whether st is a map: one pattern and nothing else.
func isMap(st *ast.StructLit) bool {
	if len(st.Elts) != 1 {
		return false
	}
	f, ok := st.Elts[0].(*ast.Field)
	if !ok {
		return false
	}
	_, ok = f.Label.(*ast.ListLit)
	return ok
}

// typeOf reads a type; def is its default as JSON.
func (l *loader) typeOf(x ast.Expr) (t *typ, def string, err error) {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return l.typeOf(x.X)
	case *ast.Ident:
		return l.named(x.Name)
	case *ast.BasicLit:
		switch x.Kind {
		case token.STRING:
			s, err := literal.Unquote(x.Value)
			return &typ{kind: "String", enum: []string{s}}, "", err
		case token.NULL:
			return &typ{kind: "Null"}, "", nil
		}
	case *ast.UnaryExpr:
		return l.constraint(x)
	case *ast.BinaryExpr:
		switch x.Op {
		case token.OR:
			return l.union(x)
		case token.AND:
			a, _, err := l.typeOf(x.X)
			if err != nil {
				return nil, "", err
			}
			b, _, err := l.typeOf(x.Y)
			if err != nil {
				return nil, "", err
			}
			t, err := intersect(a, b)
			return t, "", err
		}
	case *ast.ListLit:
		return l.list(x)
	case *ast.StructLit:
		if !isMap(x) {
			return nil, "", fmt.Errorf("a nested struct must be a definition of its own")
		}
		f := x.Elts[0].(*ast.Field)
		label := f.Label.(*ast.ListLit)
		key, _, err := l.typeOf(label.Elts[0])
		if err != nil {
			return nil, "", err
		}
		elem, _, err := l.typeOf(f.Value)
		if err != nil {
			return nil, "", err
		}
		return &typ{kind: "Map", pattern: key.pattern, elem: elem}, "", nil
	}
	return nil, "", fmt.Errorf("cannot read the type %T", x)
}

func (l *loader) named(name string) (*typ, string, error) {
	switch name {
	case "_":
		return &typ{kind: "Any"}, "", nil
	case "string":
		return &typ{kind: "String"}, "", nil
	case "int":
		return &typ{kind: "Int"}, "", nil
	case "number":
		return &typ{kind: "Number"}, "", nil
	case "bool":
		return &typ{kind: "Bool"}, "", nil
	}
	if !strings.HasPrefix(name, "#") {
		return nil, "", fmt.Errorf("%s is unknown", name)
	}
	name = name[1:]
	d, err := l.define(name)
	if err != nil {
		return nil, "", err
	}
	if d != nil {
		return &typ{kind: "Object", def: d.name, isNode: d.isNode}, "", nil
	}
	fd := l.src[name]
	if docOf(fd) == "" {
		return nil, "", fmt.Errorf("#%s has no doc comment", name)
	}
	t, def, err := l.typeOf(fd.Value)
	if err != nil {
		return nil, "", fmt.Errorf("#%s: %w", name, err)
	}
	if t.name == "" && t.kind != "Object" {
		t.name = name
	}
	f := &field{typ: t}
	for _, a := range fd.Attrs {
		if err := f.attr(a, t); err != nil {
			return nil, "", fmt.Errorf("#%s: %w", name, err)
		}
	}
	return t, def, nil
}

// constraint reads >=0, =~"x", and *x, a default.
func (l *loader) constraint(x *ast.UnaryExpr) (*typ, string, error) {
	switch x.Op {
	case token.MUL:
		t, _, err := l.typeOf(x.X)
		if err != nil {
			// a number or truth value: only the default matters
			if lit, ok := x.X.(*ast.BasicLit); ok {
				switch lit.Kind {
				case token.INT, token.FLOAT, token.TRUE, token.FALSE:
					return nil, lit.Value, nil
				}
			}
			return nil, "", err
		}
		if len(t.enum) == 1 {
			return t, jsonOf(t.enum[0]), nil
		}
		return nil, "", fmt.Errorf("cannot read the default")
	case token.MAT:
		lit, ok := x.X.(*ast.BasicLit)
		if !ok {
			return nil, "", fmt.Errorf("a pattern must be a text")
		}
		s, err := literal.Unquote(lit.Value)
		return &typ{kind: "String", pattern: s}, "", err
	case token.GEQ, token.GTR, token.LEQ:
		lit, ok := x.X.(*ast.BasicLit)
		if !ok {
			return nil, "", fmt.Errorf("a bound must be a number")
		}
		v, err := strconv.ParseFloat(lit.Value, 64)
		if err != nil {
			return nil, "", err
		}
		t := &typ{kind: "Number"}
		if x.Op == token.LEQ {
			t.max = &v
		} else {
			t.min, t.minExcl = &v, x.Op == token.GTR
		}
		return t, "", nil
	}
	return nil, "", fmt.Errorf("cannot read %s", x.Op)
}

func intersect(a, b *typ) (*typ, error) {
	if a.kind != b.kind && (a.kind != "Int" || b.kind != "Number") {
		return nil, fmt.Errorf("cannot combine %s and %s", a.kind, b.kind)
	}
	t := *a
	if b.min != nil {
		t.min, t.minExcl = b.min, b.minExcl
	}
	if b.max != nil {
		t.max = b.max
	}
	if b.pattern != "" {
		t.pattern = b.pattern
	}
	return &t, nil
}

// union reads a disjunction: texts are gathered in one enumeration, and #Dynamic
// disappears, since it is allowed at every scalar place.
func (l *loader) union(x *ast.BinaryExpr) (*typ, string, error) {
	var parts []ast.Expr
	var flatten func(ast.Expr)
	flatten = func(e ast.Expr) {
		if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.OR {
			flatten(b.X)
			flatten(b.Y)
			return
		}
		parts = append(parts, e)
	}
	flatten(x)
	out := &typ{kind: "OneOf"}
	def := ""
	var enum *typ
	for _, p := range parts {
		if id, ok := p.(*ast.Ident); ok && id.Name == "#Dynamic" {
			continue
		}
		t, d, err := l.typeOf(p)
		if err != nil {
			return nil, "", err
		}
		if d != "" {
			def = d
		}
		switch {
		case t == nil:
			continue
		case t.kind == "String" && t.enum != nil:
			if enum == nil {
				enum = &typ{kind: "String"}
				out.alts = append(out.alts, enum)
			}
			enum.enum = append(enum.enum, t.enum...)
		case t.kind == "OneOf":
			out.alts = append(out.alts, t.alts...)
			if out.name == "" {
				out.name = t.name
			}
		default:
			out.alts = append(out.alts, t)
		}
	}
	// a default text beside free text is no enumeration
	if enum != nil {
		for i, a := range out.alts {
			if a.kind == "String" && a != enum {
				for j := range out.alts {
					if out.alts[j] == enum {
						out.alts = append(out.alts[:j:j], out.alts[j+1:]...)
						break
					}
				}
				_ = i
				break
			}
		}
	}
	if len(out.alts) == 0 {
		return nil, "", fmt.Errorf("a type with nothing in it")
	}
	if len(out.alts) == 1 {
		return out.alts[0], def, nil
	}
	return out, def, nil
}

func (l *loader) list(x *ast.ListLit) (*typ, string, error) {
	t := &typ{kind: "List", elem: &typ{kind: "Any"}}
	for i, e := range x.Elts {
		if el, ok := e.(*ast.Ellipsis); ok {
			if el.Type != nil {
				elem, _, err := l.typeOf(el.Type)
				if err != nil {
					return nil, "", err
				}
				t.elem = elem
			}
			if i != len(x.Elts)-1 {
				return nil, "", fmt.Errorf("`...` must be last")
			}
			return t, "", nil
		}
		t.minItems++
	}
	return nil, "", fmt.Errorf("a list must end in `...`")
}
