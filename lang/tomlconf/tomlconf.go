// Package tomlconf reads a Config from hexdag.toml or from the table
// [tool.hexdag] of pyproject.toml, as former versions had it.
//
// Input: a TOML file. Output: a syntax tree of the one document of `kind: Config`
// that the file means, whose nodes have their places in the TOML file; the same
// document as YAML text; and findings.
//
// Invariants: the tree and the YAML text mean the same; a file that is not valid
// TOML gives one finding with its place and no tree; no finding about the tree
// carries an edit, since edits are made for YAML; nothing is read besides the
// bytes that were given.
//
// The three hardest cases: a table that is spread over several headers and dotted
// keys; numbers that TOML writes in ways that YAML reads as text (1_000, 0b11);
// a pyproject.toml without the table, which is no Config at all.
package tomlconf

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Is reports whether a file is read by this package, by its name.
func Is(name string) bool { return strings.HasSuffix(name, ".toml") }

// Config is what a TOML file says.
type Config struct {
	// Tree has one document; nil if the file holds no Config or is not valid.
	Tree *syntax.Tree
	// At is the header of the table, or the file's first key.
	At source.Location
	// YAML is the Config as a manifest.
	YAML string
	// Diags are findings about the TOML itself.
	Diags []diag.Diagnostic
}

// Parse reads f. table says that only the table [tool.hexdag] is meant, as in a
// pyproject.toml; else the table is taken if it is there, and the whole file
// otherwise.
func Parse(f *source.File, table bool) *Config {
	c := &Config{}
	data := []byte(f.Text())
	if len(data) > maxFile {
		if !table || strings.Contains(f.Text(), "tool.hexdag") {
			c.Diags = append(c.Diags, diag.New(diag.BadTOML, source.Location{File: f}, "the file has %d bytes; as a Config at most %d are read", len(data), maxFile).
				WithHelp("write a hexdag.yaml of `kind: Config`, which is read in its place"))
		}
		return c
	}
	var any map[string]any
	if err := toml.Unmarshal(data, &any); err != nil {
		c.Diags = append(c.Diags, invalid(f, err))
		return c
	}
	r := &reader{file: f, root: &syntax.Node{Kind: syntax.Mapping, Style: syntax.Block}}
	r.p.Reset(data)
	at := r.root
	for r.p.NextExpression() {
		at = r.expression(r.p.Expression(), at)
	}
	if err := r.p.Error(); err != nil { // Unmarshal accepted it, so this does not happen
		c.Diags = append(c.Diags, invalid(f, err))
		return c
	}
	spec := r.root
	if tool := child(r.root, "tool"); tool != nil && child(tool, "hexdag") != nil {
		spec = child(tool, "hexdag")
	} else if table {
		return c
	}
	if spec.Kind != syntax.Mapping {
		return c
	}
	r.settle(spec)
	c.At = source.Location{File: f, Span: source.Span{Start: spec.Span.Start, End: min(spec.Span.End, spec.Span.Start+1)}}
	if len(spec.Pairs) > 0 {
		c.At.Span = spec.Pairs[0].Key.Span
	}
	if h, ok := r.headers[spec]; ok {
		c.At.Span = h
	}
	var yaml strings.Builder
	yaml.WriteString("kind: Config\nspec:")
	write(&yaml, spec, 1)
	c.YAML = yaml.String()
	c.Tree = document(f, spec, c.At.Span)
	return c
}

// maxFile is the length of the longest file that is read, in bytes. The parser
// goes down into brackets without a bound of its own.
const maxFile = 256 << 10

func invalid(f *source.File, err error) diag.Diagnostic {
	loc := source.Location{File: f}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		line, col := decode.Position()
		loc.Span = lineSpan(f.Text(), line, col)
	}
	return diag.New(diag.BadTOML, loc, "this is not valid TOML: %s", strings.TrimPrefix(err.Error(), "toml: ")).
		WithHelp("mend it, or write a hexdag.yaml of `kind: Config`, which is read in its place")
}

// lineSpan is the byte at a line and column, both from 1.
func lineSpan(text string, line, col int) source.Span {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	at = min(at+max(col-1, 0), len(text))
	end := min(at+1, len(text))
	return source.Span{Start: int32(at), End: int32(end)}
}

// document wraps a spec into a manifest.
func document(f *source.File, spec *syntax.Node, at source.Span) *syntax.Tree {
	key := func(s string) *syntax.Node {
		return &syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: s, Span: at}
	}
	root := &syntax.Node{Kind: syntax.Mapping, Style: syntax.Block, Span: source.Span{Start: at.Start, End: max(at.End, spec.Span.End)}}
	root.Pairs = []syntax.Pair{
		{Key: key("kind"), Value: key("Config"), Span: at},
		{Key: key("spec"), Value: spec, Span: source.Span{Start: at.Start, End: max(at.End, spec.Span.End)}},
	}
	for _, p := range root.Pairs {
		p.Key.Parent, p.Value.Parent = root, root
	}
	return &syntax.Tree{File: f, Docs: []*syntax.Document{{Root: root, Span: root.Span}}}
}

func child(n *syntax.Node, key string) *syntax.Node {
	if n == nil || n.Kind != syntax.Mapping {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key.Value == key {
			return n.Pairs[i].Value
		}
	}
	return nil
}

type reader struct {
	file    *source.File
	p       unstable.Parser
	root    *syntax.Node
	headers map[*syntax.Node]source.Span
}

func span(r unstable.Range) source.Span {
	return source.Span{Start: int32(r.Offset), End: int32(r.Offset + r.Length)}
}

// expression takes in one line: a header, which is where what follows belongs, or
// a key with its value.
func (r *reader) expression(e *unstable.Node, at *syntax.Node) *syntax.Node {
	switch e.Kind {
	case unstable.Table, unstable.ArrayTable:
		keys := keysOf(e.Key())
		to := r.root
		for i, k := range keys {
			last := i == len(keys)-1
			if last && e.Kind == unstable.ArrayTable {
				to = r.appended(to, k)
				continue
			}
			to = r.table(to, k)
		}
		if len(keys) > 0 {
			if r.headers == nil {
				r.headers = map[*syntax.Node]source.Span{}
			}
			r.headers[to] = source.Span{Start: keys[0].Span.Start, End: keys[len(keys)-1].Span.End}
		}
		return to
	case unstable.KeyValue:
		r.keyValue(at, e)
	}
	return at
}

func (r *reader) keyValue(at *syntax.Node, e *unstable.Node) {
	keys := keysOf(e.Key())
	to := at
	for _, k := range keys[:len(keys)-1] {
		to = r.table(to, k)
	}
	put(to, keys[len(keys)-1], r.value(e.Value()))
}

func keysOf(it unstable.Iterator) []*syntax.Node {
	var out []*syntax.Node
	for it.Next() {
		n := it.Node()
		out = append(out, &syntax.Node{Kind: syntax.Scalar, Style: syntax.DoubleQuoted, Value: string(n.Data), Span: span(n.Raw)})
	}
	return out
}

// table is the mapping under a key, made if it is not there; of a list of tables
// the last one.
func (r *reader) table(in, key *syntax.Node) *syntax.Node {
	if n := child(in, key.Value); n != nil {
		if n.Kind == syntax.Sequence && len(n.Items) > 0 {
			return n.Items[len(n.Items)-1]
		}
		return n
	}
	n := &syntax.Node{Kind: syntax.Mapping, Style: syntax.Block, Span: key.Span}
	put(in, key, n)
	return n
}

func (r *reader) appended(in, key *syntax.Node) *syntax.Node {
	list := child(in, key.Value)
	if list == nil {
		list = &syntax.Node{Kind: syntax.Sequence, Style: syntax.Block, Span: key.Span}
		put(in, key, list)
	}
	n := &syntax.Node{Kind: syntax.Mapping, Style: syntax.Block, Span: key.Span, Parent: list}
	list.Items = append(list.Items, n)
	return n
}

func put(in, key, v *syntax.Node) {
	if in.Kind != syntax.Mapping {
		return
	}
	key.Parent, v.Parent = in, in
	in.Pairs = append(in.Pairs, syntax.Pair{Key: key, Value: v, Span: source.Span{Start: key.Span.Start, End: max(key.Span.End, v.Span.End)}})
}

func (r *reader) value(v *unstable.Node) *syntax.Node {
	n := &syntax.Node{Kind: syntax.Scalar, Span: span(v.Raw)}
	switch v.Kind {
	case unstable.Array:
		n.Kind, n.Style = syntax.Sequence, syntax.Flow
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.Comment {
				continue
			}
			x := r.value(it.Node())
			x.Parent = n
			n.Items = append(n.Items, x)
		}
		cover(n)
	case unstable.InlineTable:
		n.Kind, n.Style = syntax.Mapping, syntax.Flow
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				r.keyValue(n, it.Node())
			}
		}
		cover(n)
	case unstable.String:
		n.Style, n.Value = syntax.DoubleQuoted, string(v.Data)
		if raw := r.file.Text()[n.Span.Start:n.Span.End]; strings.HasPrefix(raw, "'") {
			n.Style = syntax.SingleQuoted
		}
	case unstable.Integer, unstable.Float:
		n.Style, n.Value = syntax.Plain, number(string(v.Data))
	case unstable.Bool:
		n.Span = span(r.p.Range(v.Data)) // the parser gives no other place
		n.Style, n.Value = syntax.Plain, string(v.Data)
	default: // dates and times are texts here
		n.Style, n.Value = syntax.DoubleQuoted, string(v.Data)
	}
	return n
}

// cover makes the span of a collection reach over what is in it, where the parser
// does not say it.
func cover(n *syntax.Node) {
	grow := func(s source.Span) {
		switch {
		case s.Start == s.End:
		case n.Span.Start == n.Span.End:
			n.Span = s
		default:
			n.Span.Start, n.Span.End = min(n.Span.Start, s.Start), max(n.Span.End, s.End)
		}
	}
	for _, x := range n.Items {
		grow(x.Span)
	}
	for i := range n.Pairs {
		grow(n.Pairs[i].Span)
	}
}

// settle gives every table the span of what is in it.
func (r *reader) settle(n *syntax.Node) {
	for _, x := range n.Items {
		r.settle(x)
	}
	for i := range n.Pairs {
		r.settle(n.Pairs[i].Value)
		p := &n.Pairs[i]
		p.Span.Start, p.Span.End = min(p.Key.Span.Start, p.Value.Span.Start), max(p.Key.Span.End, p.Value.Span.End)
		if p.Value.Span.Start == p.Value.Span.End {
			p.Span = p.Key.Span
		}
	}
	if n.Kind != syntax.Scalar {
		cover(n)
	}
}
