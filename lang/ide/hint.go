package ide

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/explain"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
)

// HintKind says what a hint tells.
type HintKind uint8

// Hint kinds.
const (
	HintDependency HintKind = iota + 1
	HintType
	HintLimit
	HintParameter
)

// Hint is a text that an editor shows inside of the file.
type Hint struct {
	Offset int
	Label  string
	Kind   HintKind
	Tip    string // Markdown
	// After says that the text belongs to what stands before it.
	After bool
}

// Hints are what a file leaves unsaid, within a span: dependencies that are
// inferred, types of results and variables, limits that come from elsewhere,
// names of arguments.
func Hints(s *compile.Snapshot, path string, span source.Span) ([]Hint, error) {
	a, err := s.Analyze(path)
	if err != nil {
		return nil, err
	}
	var out []Hint
	add := func(h Hint) {
		if int(span.Start) <= h.Offset && h.Offset <= int(span.End) {
			out = append(out, h)
		}
	}
	for _, d := range a.Docs {
		if d.Program == nil || d.Program.Scope == nil || d.Doc.Pipeline == nil {
			continue
		}
		hintLimits(a, d, add)
		d.Program.Scope.Each(func(info *check.Info) {
			if info.Node.Loc.File != a.Source || info.Node.Loc.Span.End < span.Start || info.Node.Loc.Span.Start > span.End {
				return
			}
			hintNode(d, info, add)
		})
	}
	return out, nil
}

// hintNode adds the hints of one node.
func hintNode(d *compile.Checked, info *check.Info, add func(Hint)) {
	name := info.Node.Name
	if !name.Loc.IsZero() {
		var deps []string
		why := map[string]string{}
		for _, e := range info.Edges {
			given := false
			reason := ""
			for _, r := range e.Reasons {
				switch r.Why {
				case "explicit", "wait_for":
					given = true
				case "chained":
					reason = "it is the node before, and this one names no other"
				case "reference":
					reason = "an expression reads it"
				case "on_error":
					reason = "this node handles its failure"
				case "route":
					reason = "it routes to this node"
				}
			}
			if !given && reason != "" {
				deps = append(deps, e.From.Name())
				why[e.From.Name()] = reason
			}
		}
		if len(deps) > 0 {
			var tip strings.Builder
			for _, n := range deps {
				fmt.Fprintf(&tip, "- %s: %s\n", quoted(n), why[n])
			}
			add(Hint{Offset: int(name.Loc.Span.End), Label: "← " + strings.Join(deps, ", "), Kind: HintDependency, Tip: tip.String(), After: true})
		}
	}
	if n := info.Node; n.Expression != nil {
		for _, v := range n.Expression.Vars {
			f, ok := d.Program.Find(check.Place{Info: info, Role: v.Expr.Role, Var: len(n.Expression.Vars)}, v.Name.Name, false)
			if ok && f.Type != nil && !f.Type.IsAny() && f.Node == info {
				add(Hint{Offset: int(v.Name.Loc.Span.End), Label: ": " + brief(f.Type), Kind: HintType, After: true, Tip: quoted(f.Type.String())})
			}
		}
	}
	if co := info.Node.Composite; co != nil && !co.ItemVar.Loc.IsZero() {
		if scopes := info.BodyScopes(); len(scopes) > 0 {
			f, ok := d.Program.Find(check.Place{Scope: scopes[0]}, co.ItemVar.Name, false)
			if ok && f.Type != nil && !f.Type.IsAny() {
				add(Hint{Offset: int(co.ItemVar.Loc.Span.End), Label: ": " + brief(f.Type), Kind: HintType, After: true, Tip: quoted(f.Type.String())})
			}
		}
	}
	hintArguments(info, add)
}

// brief is a type in a few characters.
func brief(t *expr.Type) string {
	s := t.String()
	if r := []rune(s); len(r) > 40 {
		s = string(r[:39]) + "…"
	}
	return s
}

// hintLimits adds the limits that hold for a document and come from elsewhere.
func hintLimits(a *compile.Analysis, d *compile.Checked, add func(Hint)) {
	f := d.Doc.Obj.Object("spec").Get("limits")
	at := -1
	if f != nil && f.Key != nil {
		at = int(f.Key.Span.End) + 1
	} else if spec := d.Doc.Obj.Get("spec"); spec != nil && spec.Key != nil {
		at = int(spec.Key.Span.End) + 1
	}
	if at < 0 || at > len(a.Source.Text()) {
		return
	}
	var parts []string
	var tip strings.Builder
	for _, s := range d.Effective.Limits {
		if len(s.From) == 0 || s.From[0].Loc.IsZero() || s.From[0].Loc.File == a.Source {
			continue
		}
		v, err := explain.EffectiveValue(config.Effective{Limits: []config.Setting{s}, Kernel: d.Effective.Kernel, Caps: d.Effective.Caps}, "limits."+s.Name)
		if err != nil {
			continue
		}
		parts = append(parts, s.Name+" "+v.Text)
		fmt.Fprintf(&tip, "- %s: %s (%s, %s:%d)\n", s.Name, quoted(v.Text), s.From[0].Layer, s.From[0].Loc.File.Path(), s.From[0].Loc.File.Position(int(s.From[0].Loc.Span.Start)).Line)
	}
	if len(parts) > 0 {
		add(Hint{Offset: at, Label: strings.Join(parts, ", "), Kind: HintLimit, Tip: tip.String(), After: true})
	}
}
