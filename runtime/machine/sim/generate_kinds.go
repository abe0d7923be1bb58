package sim

import (
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// kinds makes an agent, a call of a service, a wait or a transition.
func (g *generator) kinds(depth int, n *Node, read func() string) {
	schema := expr.ObjectType([]expr.Field{{Name: "v", Type: expr.Int}}, true)
	switch kind := g.IntN(4); {
	case kind == 0:
		n.Agent = "do {{ " + read() + " }}"
		n.Steps = 1 + g.IntN(4)
		n.Tools = []string{"t0", "t1"}[:g.IntN(3)]
		n.Router = g.IntN(4) == 0
		if g.IntN(3) > 0 {
			n.Schema = schema
		}
		if g.IntN(2) == 0 {
			n.MaxTok = int64(5 + g.IntN(60))
		}
	case kind == 1:
		n.Method = "work"
		if g.IntN(3) == 0 {
			n.Out = schema
		}
	case kind == 2 || depth > 0:
		n.WaitFrom = "k{{ " + read() + " % 3 }}"
		if g.IntN(3) == 0 {
			n.Func = "setup"
		}
		if g.shape.Timeouts && g.IntN(2) == 0 {
			n.WaitTime = int64(200 + g.IntN(2000))
		}
	default:
		// Each entity has one transition, so that order does not matter.
		n.Entity, n.ToState, n.EntityID = []string{"plain", "handled"}[g.IntN(2)], "DONE", "ctx.node_name"
		n.Payload = []Pair{{"v", read()}}
	}
}

// machines are the states of the entities of every random program.
func (g *generator) machines() []Machine {
	ways := []Way{{"OPEN", "DONE", "coalesce(v, 0) % 3 != 1"}}
	return []Machine{
		{Entity: "plain", Initial: "OPEN", Ways: ways},
		{Entity: "handled", Initial: "OPEN", Ways: ways, Handlers: []string{"first", "second"}},
	}
}

// awaited is the data of the event with a key: the same however often and when it
// comes.
func awaited(seed uint64, key string) value.Value {
	o := value.NewObject(1)
	o.Set("v", value.Int(int64(Hash(seed, "event", key)%7)))
	return o.Value()
}
