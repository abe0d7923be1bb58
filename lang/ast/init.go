package ast

import (
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/schema"
)

// Init is what starts a System. A nil or zero field was not given.
type Init struct {
	Obj  *shape.Object
	Loc  source.Location
	Type Ident

	// of a schedule

	Cron, Timezone       Ident
	Every, Jitter, Delay *Duration
	Overlap              Ident
	CatchUp              bool
	MaxRuns              *Number

	// continuous

	Restart          Ident
	Backoff          *Backoff
	MaxRestarts      *Number
	Window, Cooldown *Duration

	// of an event

	Topics      []Ident
	Filter      *Expr
	Mapping     []*Binding
	Concurrency *Number
	DedupeKey   *Expr

	// Input is what each run gets.
	Input []*Binding
}

// Backoff is how pauses grow.
type Backoff struct {
	Loc          source.Location
	Initial, Max *Duration
	Factor       *Number
}

func (b *builder) init(o *shape.Object) *Init {
	if o == nil || o.Node == nil {
		return nil
	}
	x := &Init{
		Obj: o, Loc: b.at(o.Node), Type: b.ident(o.Get("type")),
		Cron: b.ident(o.Get("cron")), Timezone: b.ident(o.Get("timezone")),
		Every: b.duration(o.Get("every")), Jitter: b.duration(o.Get("jitter")), Delay: b.duration(o.Get("delay")),
		Overlap: b.ident(o.Get("overlap")), CatchUp: b.boolean(o.Get("catch_up")), MaxRuns: b.number(o.Get("max_runs")),
		Restart: b.ident(o.Get("restart")), MaxRestarts: b.number(o.Get("max_restarts")),
		Window: b.duration(o.Get("window")), Cooldown: b.duration(o.Get("cooldown")),
		Topics: b.idents(o.Get("topics")), Concurrency: b.number(o.Get("concurrency")),
		Mapping: b.bindings(o.Get("mapping"), RoleMapping, "init.mapping", schema.Mapping),
		Input:   b.bindings(o.Get("input"), RoleMapping, "init.input", schema.Template),
	}
	if back := o.Object("backoff"); back != nil && back.Node != nil {
		x.Backoff = &Backoff{b.at(back.Node), b.duration(back.Get("initial")), b.duration(back.Get("max")), b.number(back.Get("factor"))}
	}
	if f := o.Get("filter"); f != nil && !f.Null && f.OK {
		x.Filter = b.source(f.Value, RoleWhen, "init.filter", schema.Condition)
	}
	if f := o.Get("dedupe_key"); f != nil && !f.Null && f.OK {
		x.DedupeKey = b.source(f.Value, RoleText, "init.dedupe_key", schema.Expression)
	}
	return x
}
