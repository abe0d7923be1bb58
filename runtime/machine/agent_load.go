package machine

import (
	"fmt"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// agentSpec is a compiled agent_node.
type agentSpec struct {
	modelSpec
	ir     *ir.Agent
	system []messageSpec
	phases [][]messageSpec
	// schema is the type of the result; declared tells that the manifest gave it.
	schema   *expr.Type
	declared bool
	json     value.Value // the schema as JSON Schema
	tools    []*body     // by the index of the tool
	router   *body       // for tools of the tool_router port
	entity   *body       // for transitions of entities
	offers   []Tool      // what every request offers; the last is tool_end
}

// toolSpec is what the node of a tool's body calls.
type toolSpec struct {
	ir     *ir.Tool // nil for one of the router, and for a transition
	spec   *functionSpec
	router *ir.PortUse
}

// The agent's own tools.
const (
	toolEnd         = "tool_end"
	toolPhase       = "change_phase"
	toolTransition  = "atransition"
	toolState       = "aget_state"
	toolHistory     = "aget_history"
	toolRegister    = "aregister_entity"
	defaultMaxSteps = 20
)

func (l *loader) agent(n *node, x *ir.Agent) (*agentSpec, error) {
	s := &agentSpec{ir: x, declared: x.Schema != nil}
	var err error
	if s.system, err = l.messages(x.System); err != nil {
		return nil, err
	}
	for i := range x.Phases {
		list, err := l.messages(x.Phases[i].Messages)
		if err != nil {
			return nil, fmt.Errorf("phase %s: %w", x.Phases[i].Name, err)
		}
		s.phases = append(s.phases, list)
	}
	if len(s.phases) == 0 {
		return nil, fmt.Errorf("an agent without a prompt")
	}
	if s.schema, err = decodeType(x.Schema); err != nil {
		return nil, fmt.Errorf("output_schema: %w", err)
	}
	if s.schema == nil {
		s.schema = &expr.Type{Kind: expr.TypeObject, Fields: []expr.Field{{Name: "output", Type: expr.Str}}}
	}
	s.json = expr.ToJSONSchema(s.schema)
	if s.modelSpec, err = l.model(x.Port, x.Model, x.Temperature, x.TopP, x.MaxTokens, x.Seed, x.Stop); err != nil {
		return nil, err
	}
	for i := range x.Tools {
		t := &x.Tools[i]
		spec, err := l.function(t.Function)
		if err != nil || spec == nil {
			return nil, fmt.Errorf("tool %s: %w", t.Name, err)
		}
		b, err := l.toolBody(n, t.Name, t.Timeout, &t.At)
		if err != nil {
			return nil, err
		}
		b.nodes[0].kind, b.nodes[0].tool, b.nodes[0].function = kindTool, &toolSpec{ir: t, spec: spec}, spec
		s.tools = append(s.tools, b)
		params := value.Null
		if spec.input != nil {
			params = expr.ToJSONSchema(spec.input)
		}
		s.offers = append(s.offers, Tool{Name: t.Name, Description: t.Description, Parameters: params, Function: t.Function})
	}
	if x.Router != nil {
		if s.router, err = l.toolBody(n, "tool", 0, &n.ir.Origin); err != nil {
			return nil, err
		}
		s.router.nodes[0].kind, s.router.nodes[0].tool = kindTool, &toolSpec{router: x.Router}
	}
	if len(x.Entities) > 0 {
		if s.entity, err = l.toolBody(n, "transition", 0, &n.ir.Origin); err != nil {
			return nil, err
		}
		s.entity.nodes[0].kind, s.entity.nodes[0].transition = kindTransition, &transitionSpec{agent: s}
	}
	l.offers(s)
	return s, nil
}

// toolBody is a body with the one node that makes a tool call.
func (l *loader) toolBody(owner *node, name string, timeout int64, at *ir.Place) (*body, error) {
	b := &body{id: int32(len(l.prog.bodies)), owner: owner, nodes: make([]node, 1), roots: []int32{0}}
	l.prog.bodies = append(l.prog.bodies, b)
	b.nodes[0] = node{body: b, local: name, ir: &ir.Node{
		ID: owner.ir.ID + "/[" + name + "]", Name: name, Kind: "tool", Origin: *at, Single: -1, Attempts: 1, Timeout: timeout,
	}}
	return b, nil
}

// offers adds the agent's own tools to those that it offers to the model.
func (l *loader) offers(s *agentSpec) {
	text := func(pairs ...string) value.Value {
		properties := value.NewObject(len(pairs) / 2)
		for i := 0; i < len(pairs); i += 2 {
			p := value.NewObject(1)
			p.Set("type", value.String(pairs[i+1]))
			properties.Set(pairs[i], p.Value())
		}
		o := value.NewObject(3)
		o.Set("type", value.String("object"))
		o.Set("properties", properties.Value())
		o.Set("required", value.List([]value.Value{value.String(pairs[0])}))
		return o.Value()
	}
	if len(s.phases) > 1 {
		names := ""
		for i := range s.ir.Phases {
			if i > 0 {
				names += ", "
			}
			names += s.ir.Phases[i].Name
		}
		s.offers = append(s.offers, Tool{
			Name: toolPhase, Description: "Go to another phase of the work: one of " + names + ".",
			Parameters: text("phase", "string", "reason", "string", "carried_data", "object", "target_output", "string"),
		})
	}
	if s.entity != nil {
		about := l.transitionMap(s.ir.Entities)
		both := func(more ...string) value.Value {
			return text(append([]string{"entity_type", "string", "entity_id", "string"}, more...)...)
		}
		s.offers = append(s.offers,
			Tool{Name: toolTransition, Description: "Bring an entity into another state. " + about, Parameters: both("to_state", "string", "reason", "string", "payload", "object")},
			Tool{Name: toolState, Description: "The state of an entity.", Parameters: both()},
			Tool{Name: toolHistory, Description: "The transitions of an entity so far.", Parameters: both()},
			Tool{Name: toolRegister, Description: "Make an entity known, in the initial state of its type unless another is given.", Parameters: both("initial_state", "string")},
		)
	}
	s.offers = append(s.offers, Tool{Name: toolEnd, Description: "Give the final answer and end the work.", Parameters: s.json})
}
