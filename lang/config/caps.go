package config

import (
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// Caps is an effective capability set.
type Caps struct {
	Unrestricted bool
	Allow        []string
	Deny         []string
	From         []Source
	// dropped is where a list was given that left things out, nearest first.
	dropped []dropped
}

type dropped struct {
	layer string
	loc   source.Location
	list  []string
}

// Covers reports whether granting cap grants want: itself and everything under
// it. `*` covers everything, `tool:*` every tool.
func Covers(cap, want string) bool {
	if cap == "*" || cap == want {
		return true
	}
	if name, ok := strings.CutSuffix(cap, ":*"); ok {
		return want == name || strings.HasPrefix(want, name+":")
	}
	return strings.HasPrefix(want, cap+".") || strings.HasPrefix(want, cap+":")
}

// Allows reports whether a call that needs cap is allowed. No cap is always
// allowed.
func (c Caps) Allows(cap string) bool {
	if cap == "" {
		return true
	}
	for _, d := range c.Deny {
		if Covers(d, cap) {
			return false
		}
	}
	if c.Unrestricted {
		return true
	}
	for _, a := range c.Allow {
		if Covers(a, cap) {
			return true
		}
	}
	return false
}

// RestrictsCode reports whether a layer lists a capability for code (python,
// exec, http, file). Capability lists that do not speak of code restrict ports
// and tools only.
func (c Caps) RestrictsCode() bool {
	for _, list := range [][]string{c.Allow, c.Deny} {
		for _, cap := range list {
			switch word, _, _ := strings.Cut(cap, "."); word {
			case "python", "exec", "http", "file":
				return true
			}
		}
	}
	return false
}

// Why is where a capability was dropped or denied.
func (c Caps) Why(cap string) (loc source.Location, message string) {
	for _, s := range c.From {
		if name, ok := s.Value.AsString(); ok && s.Note == "denied" && Covers(name, cap) {
			return s.Loc, "the " + s.Layer + " denies " + name + " here"
		}
	}
	for _, d := range c.dropped {
		covered := false
		for _, a := range d.list {
			covered = covered || Covers(a, cap)
		}
		if !covered {
			return d.loc, "the " + d.layer + " allows only what is listed here"
		}
	}
	return source.Location{}, ""
}

func (r *resolver) caps(layers []Layer) Caps {
	c := Caps{Unrestricted: true}
	spoken := false
	for _, l := range layers {
		if l.Caps == nil {
			continue
		}
		if l.Caps.Listed && (!l.Default || !spoken) {
			list := r.names(l.Caps.List)
			c.dropped = append(c.dropped, dropped{l.Name, l.Caps.Loc, list})
			if c.Unrestricted {
				c.Unrestricted, c.Allow = false, list
			} else {
				c.Allow = Intersect(c.Allow, list)
			}
			c.From = append(c.From, Source{Layer: l.Name, Loc: l.Caps.Loc, Note: "set"})
		} else if l.Caps.Listed {
			r.names(l.Caps.List)
			c.From = append(c.From, Source{Layer: l.Name, Loc: l.Caps.Loc, Note: "ignored: a nearer layer lists capabilities"})
		}
		spoken = spoken || l.Caps.Listed
		for i, d := range r.names(l.Caps.Deny) {
			c.Deny = append(c.Deny, d)
			c.From = append(c.From, Source{Layer: l.Name, Loc: l.Caps.Deny[i].Loc, Note: "denied", Value: value.String(d)})
		}
	}
	if len(c.From) == 0 {
		c.From = append(c.From, Source{Layer: "built-in", Note: "no layer lists capabilities: unrestricted"})
	}
	c.Allow, c.Deny = normal(c.Allow), normal(c.Deny)
	return c
}

// names maps the old names to today's and reports unknown ones, one result for
// each input.
func (r *resolver) names(ids []ast.Ident) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		name := id.Name
		if now, ok := schema.CapAlias(name); ok {
			r.ds.Add(diag.New(diag.OldCap, id.Loc, "%q is the old name of the capability %q", name, now).
				WithHelp("write %q", now).
				WithFix("replace with \""+now+"\"", true, diag.Edit{Loc: id.Loc, NewText: quoted(now)}))
			name = now
		} else if !schema.KnownCap(name) {
			d := diag.New(diag.UnknownCap, id.Loc, "unknown capability %q", name)
			if best := suggest.Best(name, capNames()); best != "" {
				d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
			} else {
				d = d.WithHelp("capabilities are %s, tool:NAME, port:NAME and *", strings.Join(capNames(), ", "))
			}
			r.ds.Add(d)
		}
		out = append(out, name)
	}
	return out
}

func capNames() []string {
	var out []string
	for _, c := range schema.Caps() {
		out = append(out, c.Name)
	}
	return out
}

func quoted(cap string) string {
	if strings.ContainsAny(cap, ":*") {
		return `"` + cap + `"`
	}
	return cap
}

// Intersect is what both lists grant.
func Intersect(a, b []string) []string {
	var out []string
	for _, x := range a {
		for _, y := range b {
			switch {
			case Covers(y, x):
				out = append(out, x)
			case Covers(x, y):
				out = append(out, y)
			}
		}
	}
	return normal(out)
}

// normal sorts a list and removes what is there twice.
func normal(list []string) []string {
	if list == nil {
		return nil
	}
	out := append([]string{}, list...)
	sort.Strings(out)
	n := 0
	for i, s := range out {
		if i == 0 || s != out[n-1] {
			out[n] = s
			n++
		}
	}
	return out[:n]
}
