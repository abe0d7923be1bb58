package lower

import (
	"slices"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/config"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/value"
)

// Use is the place of a pipeline in a System.
type Use struct {
	Effective config.Effective
	Options
}

// System makes the program of a System. uses has one entry for each process, in
// order; every process has its pipeline.
func System(s *check.System, eff config.Effective, uses []Use, opt Options) (*ir.Program, []diag.Diagnostic) {
	doc := s.Doc
	l := newLowerer(&check.Program{Doc: doc, Scope: s.Scope, Code: s.Code, Guards: s.Guards}, eff, opt)
	l.prog.Version, l.prog.Kind = ir.Version, ir.KindSystem
	l.prog.Name = doc.Name.Name
	l.prog.Origin = l.place(source.Location{File: doc.File.Source, Span: doc.Root.Span})
	l.effective(eff)
	if in := doc.System.Input; in != nil && in.Type != nil {
		l.prog.InputSchema = expr.EncodeType(in.Type)
	}
	if out := doc.System.Result; out != nil && out.Type != nil && !out.Type.IsAny() && len(s.Output) > 0 {
		l.prog.OutputSchema = expr.EncodeType(out.Type)
	}
	l.inputs(s.Inputs)
	l.env(doc.Env)
	known := map[string]int{} // pipelines by the hash of what they compile to
	for i, info := range s.Scope.Nodes {
		n, env := l.process(info, s.Uses[i], &uses[i], known)
		l.prog.Body.Nodes = append(l.prog.Body.Nodes, n)
		l.env(env)
	}
	for _, p := range doc.System.Pipes {
		l.pipe(s.Scope, p)
	}
	for _, o := range s.Output {
		l.prog.Output = append(l.prog.Output, ir.OutputField{
			Name: o.Entry.Name.Name, Node: o.Process.Index, Path: o.Path, At: l.place(o.Entry.Path[0].Loc),
		})
	}
	l.init(doc.System.Init)
	l.lifecycle(s)
	return l.prog, l.ds.Items()
}

func (l *lowerer) inputs(list []*check.Input) {
	for _, in := range list {
		x := ir.Input{Name: in.Name, Declared: in.Declared, Required: in.Required, Supplied: in.Supplied}
		for _, u := range in.Uses {
			x.Uses = append(x.Uses, l.place(u))
		}
		l.prog.Inputs = append(l.prog.Inputs, x)
	}
}

// env records what was read from the environment, each variable once.
func (l *lowerer) env(list []ast.EnvUse) {
	for _, e := range list {
		u := ir.EnvUse{Name: e.Name, Default: e.Default, Secret: e.Secret}
		if !e.Secret {
			u.Digest = digest(e.Value)
		}
		if !slices.Contains(l.prog.Env, u) {
			l.prog.Env = append(l.prog.Env, u)
		}
	}
}

// process lowers a process and, unless another has it, its pipeline.
func (l *lowerer) process(info *check.Info, use *check.Use, ctx *Use, known map[string]int) (ir.Node, []ast.EnvUse) {
	inner := newLowerer(use.Pipeline, ctx.Effective, ctx.Options)
	inner.system = l
	inner.pipeline(use.Pipeline, ctx.Effective)
	l.ds.Append(inner.ds.Items())
	q := inner.prog
	x := &ir.Process{
		Effective: q.Effective, Ports: q.Ports, Input: l.bindings(info, use.Input), At: l.place(info.Node.KindText.Loc),
		Reads: indexes(use.Reads), Whole: indexes(use.Whole),
	}
	q.Effective, q.Ports = ir.Effective{}, nil
	hash := ir.FullHash(q)
	at, ok := known[hash]
	if !ok {
		at = len(l.prog.Pipelines)
		known[hash] = at
		l.prog.Pipelines = append(l.prog.Pipelines, *q)
	}
	x.Pipeline = at
	if s := use.Process.Declared; s != nil && s.Type != nil {
		x.Declared = expr.EncodeType(s.Type)
	}
	if s := use.Process.Returns; s != nil && s.Type != nil {
		x.Returns = expr.EncodeType(s.Type)
	}
	n := ir.Node{
		ID: info.Name(), Name: info.Name(), Kind: ir.ProcessKind, Origin: l.place(info.Node.Loc), Single: -1,
		When: l.expr(info, info.Node.When), Mapping: l.bindings(info, info.Node.Mapping), Mapped: true,
		Attempts: 1, RetryDelay: 1e9, RetryMax: 60e9, Backoff: 2, Process: x, Edges: l.edges(info),
	}
	return n, use.Pipeline.Doc.Env
}

func indexes(list []*check.Info) []int {
	var out []int
	for _, n := range list {
		out = append(out, n.Index)
	}
	slices.Sort(out)
	return out
}

func (l *lowerer) edges(info *check.Info) []ir.Edge {
	var out []ir.Edge
	for _, e := range info.Edges {
		x := ir.Edge{Node: e.From.Index, Class: ir.EdgeClass(e.Class)}
		for _, r := range e.Reasons {
			x.Why = appendNew(x.Why, r.Why)
			if r.Why == "reference" {
				x.Reads = append(x.Reads, l.place(r.Loc))
			}
		}
		out = append(out, x)
	}
	return out
}

func (l *lowerer) pipe(s *check.Scope, p *ast.Pipe) {
	out := ir.Pipe{From: -1, To: -1, At: l.place(p.Loc)}
	for i, info := range s.Nodes {
		switch info.Name() {
		case p.From.Name:
			out.From = i
		case p.To.Name:
			out.To = i
		}
	}
	for _, m := range p.Mapping {
		out.Targets = append(out.Targets, m.Name.Name)
	}
	l.prog.Pipes = append(l.prog.Pipes, out)
}

// share takes a port of the System over and gives its index, as port does.
func (l *lowerer) share(p *config.Port) int {
	i := l.system.port(p)
	if i < 0 {
		return -1
	}
	port := l.system.prog.Ports[i]
	port.Shared, port.Middleware = i+1, nil
	l.portOf[p.Key] = len(l.prog.Ports)
	l.prog.Ports = append(l.prog.Ports, port)
	return l.portOf[p.Key]
}

// init lowers what starts the System.
func (l *lowerer) init(x *ast.Init) {
	if x == nil || x.Type.Name == "" {
		return
	}
	out := &ir.Init{Type: x.Type.Name, At: l.place(x.Loc), Input: value.Null}
	l.prog.Init = out
	nanos := func(d *ast.Duration) int64 {
		if d == nil {
			return 0
		}
		return d.Nanos
	}
	if len(x.Input) > 0 {
		o := value.NewObject(len(x.Input))
		for _, b := range x.Input {
			o.Set(b.Name.Name, b.Expr.Const)
		}
		out.Input = o.Value()
	}
	switch out.Type {
	case ir.InitSchedule:
		out.Cron, out.Every, out.Jitter, out.Delay = x.Cron.Name, nanos(x.Every), nanos(x.Jitter), nanos(x.Delay)
		out.Timezone, out.Overlap, out.CatchUp = x.Timezone.Name, x.Overlap.Name, x.CatchUp
		if out.Timezone == "" {
			out.Timezone = "UTC"
		}
		if out.Overlap == "" {
			out.Overlap = "skip"
		}
		if x.MaxRuns != nil {
			out.MaxRuns = x.MaxRuns.Int
		}
	case ir.InitContinuous:
		out.Restart, out.BackoffFirst, out.BackoffMax, out.BackoffFactor = x.Restart.Name, 1e9, 300e9, 2
		if out.Restart == "" {
			out.Restart = "always"
		}
		if b := x.Backoff; b != nil {
			if b.Initial != nil {
				out.BackoffFirst = b.Initial.Nanos
			}
			if b.Max != nil {
				out.BackoffMax = b.Max.Nanos
			}
			if b.Factor != nil {
				out.BackoffFactor = b.Factor.Float
			}
		}
		out.MaxRestarts = -1
		if x.MaxRestarts != nil {
			out.MaxRestarts = x.MaxRestarts.Int
		}
		out.Window, out.Cooldown = nanos(x.Window), nanos(x.Cooldown)
	case ir.InitEvent:
		for _, t := range x.Topics {
			out.Topics = append(out.Topics, t.Name)
		}
		out.Filter, out.DedupeKey = l.outer(x.Filter), l.outer(x.DedupeKey)
		for _, b := range x.Mapping {
			out.Mapping = append(out.Mapping, ir.Binding{Name: b.Name.Name, Expr: *l.outer(b.Expr), At: l.place(b.Name.Loc)})
		}
		out.Mapped = x.Mapping != nil
		out.Concurrency = 1
		if x.Concurrency != nil {
			out.Concurrency = x.Concurrency.Int
		}
	}
}

// outer lowers an expression that stands outside of any process: every name in
// it is a part of the event.
func (l *lowerer) outer(e *ast.Expr) *ir.Expr {
	if e == nil {
		return nil
	}
	info := &check.Info{Slots: map[*ast.Expr][]check.Slot{}}
	e.Walk(func(x *ast.Expr) {
		if x.Tree == nil {
			return
		}
		for _, r := range expr.Refs(x.Tree) {
			info.Slots[x] = append(info.Slots[x], check.Slot{Head: r.Head, Namespace: r.Namespace, Kind: check.SlotBare})
		}
	})
	return l.expr(info, e)
}
