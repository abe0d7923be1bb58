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

// capLayer is what one layer says, with its profile in it.
type capLayer struct {
	Layer
	loc    source.Location
	list   []string // allowed
	at     []source.Location
	listed bool
	deny   []string
	denyAt []source.Location
	grant  []string
	// grantAt are where the grants stand.
	grantAt []source.Location
}

// caps combines the layers: what all lists of Pipeline, process and System allow
// (a Config's list only where none of them has one), without what any layer
// denies, unless a process grants it.
func (r *resolver) caps(layers []Layer) Caps {
	c := Caps{Unrestricted: true}
	var said []capLayer
	for i, l := range layers {
		if l.Caps != nil {
			said = append(said, r.capLayer(l, layers[i:]))
		}
	}
	binding := false
	for _, l := range said {
		binding = binding || l.listed && l.Level != Config
	}
	for _, l := range said {
		if !l.listed {
			continue
		}
		note := "set"
		switch {
		case l.Level == Config && binding:
			c.From = append(c.From, Source{Layer: l.Name(), Loc: l.loc, Note: "ignored: a nearer layer lists capabilities"})
			continue
		case l.Level == Config && !c.Unrestricted:
			c.From = append(c.From, Source{Layer: l.Name(), Loc: l.loc, Note: "ignored: another Config is nearer"})
			continue
		case !c.Unrestricted:
			note = "intersected"
		}
		c.dropped = append(c.dropped, dropped{l.Name(), l.loc, l.list})
		if c.Unrestricted {
			c.Unrestricted, c.Allow = false, append([]string{}, l.list...)
		} else {
			c.Allow = Intersect(c.Allow, l.list)
		}
		c.From = append(c.From, Source{Layer: l.Name(), Loc: l.loc, Note: note})
	}
	r.denials(&c, said)
	r.raised(said)
	if len(c.From) == 0 {
		c.From = append(c.From, Source{Layer: builtIn, Note: "no layer lists capabilities: unrestricted"})
	}
	c.Allow, c.Deny = normal(c.Allow), normal(c.Deny)
	return c
}

// denials unites what the layers deny and takes out what a process grants.
func (r *resolver) denials(c *Caps, said []capLayer) {
	lifted := map[string]bool{}
	for _, l := range said {
		for i, d := range l.deny {
			src := Source{Layer: l.Name(), Loc: l.denyAt[i], Note: "denied", Value: value.String(d)}
			if by := r.lift(d, l, said, lifted); by != "" {
				src.Note = "denied, but granted by the " + by
			} else {
				c.Deny = append(c.Deny, d)
			}
			c.From = append(c.From, src)
		}
	}
	for _, l := range said {
		for i, g := range l.grant {
			switch {
			case !c.Unrestricted && !coversAny(c.Allow, g):
				r.report(l.Layer, diag.New(diag.GrantOutside, l.grantAt[i], "%q is granted, but it is not among the allowed capabilities", g).
					WithHelp("a grant lifts a denial and allows nothing by itself; list %q under allow, too", g))
			case !lifted[g]:
				d := diag.New(diag.GrantUseless, l.grantAt[i], "the grant of %q lifts nothing", g).
					WithHelp("neither a Config nor the System denies it; remove the grant")
				if wide := r.wider(g, l, said); wide != "" {
					d = d.WithHelp("what is denied is %q; grant that, and deny what shall stay denied", wide)
				}
				r.report(l.Layer, d)
			}
		}
	}
}

// lift is the name of the process layer that grants a denial of a farther layer.
func (r *resolver) lift(denied string, by capLayer, said []capLayer, lifted map[string]bool) string {
	for _, l := range said {
		if l.Level != Process || by.Level <= Process {
			continue
		}
		for _, g := range l.grant {
			if Covers(g, denied) {
				lifted[g] = true
				return l.Name()
			}
		}
	}
	return ""
}

// wider is a denial of a layer farther than l that covers more than a grant.
func (r *resolver) wider(grant string, l capLayer, said []capLayer) string {
	for _, far := range said {
		for _, d := range far.deny {
			if far.Level > l.Level && Covers(d, grant) {
				return d
			}
		}
	}
	return ""
}

// raised reports entries of lists that have no effect because a farther layer
// does not grant or denies them, and lists that go beyond a Config's default.
func (r *resolver) raised(said []capLayer) {
	for i, l := range said {
		if l.Elsewhere || l.Level == Config {
			continue
		}
		for k, name := range l.list {
			d := diag.New(diag.CapNotGranted, l.at[k], "%q is listed here, but it is not allowed", name)
			found := false
			for _, far := range said {
				for n, deny := range far.deny {
					if !found && Covers(deny, name) && !r.granted(deny, far, said) {
						d, found = d.WithHelp("remove it here, or from deny").WithRelated(far.denyAt[n], "the %s denies %q", far.Name(), deny), true
					}
				}
			}
			for _, far := range said[i+1:] {
				if !found && far.listed && far.Level != Config && len(Intersect([]string{name}, far.list)) == 0 {
					d, found = d.WithHelp("capabilities can only be taken away here; list it in the %s, too", far.Name()).
						WithRelated(far.loc, "the %s allows only what is listed here", far.Name()), true
				}
			}
			if found {
				r.ds.Add(d)
			}
		}
		r.beyondDefault(l, said[i+1:])
	}
}

func (r *resolver) granted(deny string, by capLayer, said []capLayer) bool {
	return r.lift(deny, by, said, map[string]bool{}) != ""
}

func (r *resolver) beyondDefault(l capLayer, far []capLayer) {
	for _, f := range far {
		if f.listed && f.Level != Config {
			return // that one replaces the default
		}
		if !f.listed {
			continue
		}
		for k, name := range l.list {
			if !coversAny(f.list, name) {
				r.ds.Add(diag.New(diag.DefaultCapsReplaced, l.at[k], "%q is not among the Config's default capabilities, which this list replaces", name).
					WithHelp("that is allowed; what must never be used belongs under deny in the Config").
					WithRelated(f.loc, "the default is here"))
			}
		}
		return
	}
}

func coversAny(list []string, want string) bool {
	for _, c := range list {
		if Covers(c, want) {
			return true
		}
	}
	return false
}

// capLayer reads a layer. from are the layers that can have its profile: itself
// and those farther away.
func (r *resolver) capLayer(l Layer, from []Layer) capLayer {
	c := l.Caps
	out := capLayer{Layer: l, loc: c.Loc, listed: c.Listed}
	out.list, out.at = r.names(l, c.List)
	out.deny, out.denyAt = r.names(l, c.Deny)
	if l.Level == Process {
		out.grant, out.grantAt = r.names(l, c.Grant)
	}
	for _, p := range c.Profiles {
		r.names(l, p.List)
		r.names(l, p.Deny)
	}
	if c.Profile.Name == "" {
		return out
	}
	p, owner := profile(c.Profile.Name, from)
	if p == nil {
		r.unknownProfile(l, from)
		// What the profile would allow is not known: nothing is the safe reading.
		out.listed = true
		return out
	}
	silent := *owner
	silent.Elsewhere = true // its names were or will be reported where they stand
	list, _ := r.names(silent, p.List)
	deny, _ := r.names(silent, p.Deny)
	for _, name := range list {
		out.list, out.at = append(out.list, name), append(out.at, c.Profile.Loc)
	}
	for _, name := range deny {
		out.deny, out.denyAt = append(out.deny, name), append(out.denyAt, c.Profile.Loc)
	}
	out.listed = out.listed || p.Listed
	return out
}

// profile finds a profile in the nearest of the layers that has it.
func profile(name string, from []Layer) (*ast.CapProfile, *Layer) {
	for i := range from {
		if from[i].Caps == nil {
			continue
		}
		for k := range from[i].Caps.Profiles {
			if p := &from[i].Caps.Profiles[k]; p.Name.Name == name {
				return p, &from[i]
			}
		}
	}
	return nil, nil
}

func (r *resolver) unknownProfile(l Layer, from []Layer) {
	id := l.Caps.Profile
	d := diag.New(diag.UnknownProfile, id.Loc, "there is no capability profile %q", id.Name)
	var known []string
	for _, f := range from {
		if f.Caps == nil {
			continue
		}
		for _, p := range f.Caps.Profiles {
			known = append(known, p.Name.Name)
		}
	}
	if best := suggest.Best(id.Name, known); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: id.Loc, NewText: best})
	} else {
		d = d.WithHelp("declare it under caps.profiles, here or in a Config")
	}
	r.report(l, d)
}

// names maps the old names to today's and reports unknown ones, one result for
// each input.
func (r *resolver) names(l Layer, ids []ast.Ident) (out []string, at []source.Location) {
	for _, id := range ids {
		name := id.Name
		if now, ok := schema.CapAlias(name); ok {
			r.report(l, diag.New(diag.OldCap, id.Loc, "%q is the old name of the capability %q", name, now).
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
			r.report(l, d)
		}
		out, at = append(out, name), append(at, id.Loc)
	}
	return out, at
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

// CanonicalCap is our name of a capability.
func CanonicalCap(name string) string {
	if now, ok := schema.CapAlias(name); ok {
		return now
	}
	return name
}
