package config

import (
	"slices"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/schema"
)

// Policy is one policy that holds.
type Policy struct {
	Slot string
	Type string // one of ast.PolicyTypes
	Def  *ast.Policy
	From []Source // the deciding place first
	// layer is the index of the layer that it is attached at; -1 for a node.
	layer int
}

// Loc is where the policy is attached.
func (p Policy) Loc() source.Location { return p.From[0].Loc }

// Layer is the name of the layer that the policy is attached at: "node",
// "composite", or a layer's.
func (p Policy) Layer() string { return p.From[0].Layer }

// attachment is one `policies` block.
type attachment struct {
	name  string // of the layer
	layer int    // its index; -1 for a node
	own   bool   // its faults are reported
	uses  []*ast.PolicyUse
}

// policies resolves the slots of the layers.
func (r *resolver) policies(layers []Layer) []Policy {
	blocks := make([]attachment, len(layers))
	for i, l := range layers {
		blocks[i] = attachment{l.Name(), i, !l.Elsewhere, l.Configuration.Policies}
	}
	return r.slots(blocks, nil)
}

// NodePolicies adds what a node and the composites around it (innermost first)
// attach to the policies that hold for every node. Findings are about the node's
// own block only.
func (e *Effective) NodePolicies(own []*ast.PolicyUse, around [][]*ast.PolicyUse, defs Definitions) ([]Policy, []diag.Diagnostic) {
	if len(own) == 0 && len(around) == 0 {
		return e.Policies, nil
	}
	r := resolver{defs: defs}
	blocks := []attachment{{"node", -1, true, own}}
	for _, uses := range around {
		// What a composite's retries and time-outs bound is the composite.
		var kept []*ast.PolicyUse
		for _, u := range uses {
			if p := r.definition(u); p == nil || p.Type.Name != ast.PolicyRetry && p.Type.Name != ast.PolicyTimeout {
				kept = append(kept, u)
			}
		}
		blocks = append(blocks, attachment{"composite", -1, false, kept})
	}
	return r.slots(blocks, e.Policies), r.ds.Items()
}

// slots takes for each slot the nearest block's entry, far being what is farther
// than all of them; then for each type that a call can have only once the
// nearest policy.
func (r *resolver) slots(blocks []attachment, far []Policy) []Policy {
	var out []Policy
	index := map[string]int{}  // slot → index in out, -1 for one that was taken away
	for _, b := range blocks { // nearest first
		ofType := map[string]*ast.PolicyUse{}
		for _, u := range b.uses {
			src := Source{Layer: b.name, Loc: u.Slot.Loc, Note: "set"}
			if at, taken := index[u.Slot.Name]; taken {
				if at >= 0 {
					src.Note = "ignored: the " + out[at].From[0].Layer + " is nearer"
					out[at].From = append(out[at].From, src)
				}
				continue
			}
			if u.Null {
				index[u.Slot.Name] = -1
				continue
			}
			def := r.definition(u)
			if def == nil {
				r.unknown(b, u)
				continue
			}
			if !slices.Contains(ast.PolicyTypes(), def.Type.Name) {
				if b.own && u.Policy != nil {
					r.unknownType(def)
				}
				continue
			}
			if first := ofType[def.Type.Name]; first != nil && single(def.Type.Name) {
				if b.own {
					r.ds.Add(diag.New(diag.PolicyTwice, u.Slot.Loc, "%q is a second %s policy in the same block", u.Slot.Name, def.Type.Name).
						WithHelp("keep one of them").WithRelated(first.Slot.Loc, "%q is the first", first.Slot.Name))
				}
				continue
			}
			ofType[def.Type.Name] = u
			index[u.Slot.Name] = len(out)
			out = append(out, Policy{Slot: u.Slot.Name, Type: def.Type.Name, Def: def, From: []Source{src}, layer: b.layer})
		}
	}
	for _, p := range far {
		at, taken := index[p.Slot]
		switch {
		case !taken:
			out = append(out, p)
		case at >= 0:
			for _, src := range p.From {
				if src.Note == "set" {
					src.Note = "ignored: the " + out[at].From[0].Layer + " is nearer"
				}
				out[at].From = append(out[at].From, src)
			}
		}
	}
	return nearestOfType(out)
}

// nearestOfType keeps of each type that a call can have only once the nearest
// policy; the others are in its provenance.
func nearestOfType(list []Policy) []Policy {
	var out []Policy
	first := map[string]int{}
	for _, p := range list {
		at, seen := first[p.Type]
		if !seen || !single(p.Type) {
			first[p.Type] = len(out)
			p.From = slices.Clone(p.From)
			out = append(out, p)
			continue
		}
		for _, src := range p.From {
			if src.Note == "set" {
				src.Note = "ignored: the " + out[at].From[0].Layer + " has a nearer " + p.Type + " policy"
			}
			out[at].From = append(out[at].From, src)
		}
	}
	return out
}

// single reports whether only one policy of the type can hold. Rates add up: a
// call must satisfy all of them; so do limits, of which the tightest hold.
func single(policyType string) bool {
	return policyType != ast.PolicyRateLimit && policyType != ast.PolicyResourceLimit
}

// definition is what a use means; nil if it names nothing.
func (r *resolver) definition(u *ast.PolicyUse) *ast.Policy {
	if u.Policy != nil || u.Null {
		return u.Policy
	}
	if d := r.defs.Policies[u.Ref.Name]; d != nil {
		return d.Policy
	}
	return nil
}

func (r *resolver) unknown(b attachment, u *ast.PolicyUse) {
	if !b.own || r.defs.Policies[u.Ref.Name] != nil { // a Policy with faults of its own
		return
	}
	d := diag.New(diag.UnknownPolicy, u.Ref.Loc, "there is no Policy %q", u.Ref.Name)
	var known []string
	for name := range r.defs.Policies {
		known = append(known, name)
	}
	slices.Sort(known)
	if best := suggest.Best(u.Ref.Name, known); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: u.Ref.Loc, NewText: best}).
			WithRelated(r.defs.Policies[best].Name.Loc, "%q is declared here", best)
	} else {
		d = d.WithHelp("declare `kind: Policy` with this name in the same stream, or import it")
		d = d.As(diag.Info) // an importing System may supply it
	}
	r.ds.Add(d)
}

func (r *resolver) unknownType(p *ast.Policy) {
	if schema.IsForeign(p.Type.Name) {
		r.ds.Add(diag.New(diag.PolicyNoEffect, p.Type.Loc, "the policy %q is external code, which nothing calls", p.Type.Name).
			WithHelp("use a policy type (retry, timeout, rate_limit, resource_limit, circuit_breaker, cache), or a middleware of the host"))
		return
	}
	d := diag.New(diag.UnknownPolicyType, p.Type.Loc, "unknown policy type %q", p.Type.Name)
	if best := suggest.Best(p.Type.Name, ast.PolicyTypes()); best != "" {
		d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: p.Type.Loc, NewText: best})
	} else {
		d = d.WithHelp("types are retry, timeout, rate_limit, resource_limit, circuit_breaker and cache")
	}
	r.ds.Add(d)
}
