package diag

// Names of what nodes use beside other nodes: services, entities, tools.
const (
	// UnknownService: a service_call_node names a service that is not declared.
	UnknownService Code = "HX0323"
	// UnknownEntity: an entity type has no state machine.
	UnknownEntity Code = "HX0324"
	// UnknownState: a state machine has no such state.
	UnknownState Code = "HX0325"
	// UnknownTool: an agent names a tool that nothing declares.
	UnknownTool Code = "HX0326"
	// ReservedTool: a tool has the name of one that agents have anyway.
	ReservedTool Code = "HX0327"
)

var codes03Nodes = register(
	Entry{
		Code: UnknownService, Rule: "unknown-service", Severity: Error,
		Summary: "a service_call_node names a service that is not declared",
		Detail:  "Services are declared under `spec.services`, each with the class or registered name that provides it.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  services:
    orders:
      class: myapp.services.OrderService
  nodes:
    - kind: service_call_node
      metadata:
        name: place
      spec:
        service: order
        method: place_order
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  services:
    orders:
      class: myapp.services.OrderService
  nodes:
    - kind: service_call_node
      metadata:
        name: place
      spec:
        service: orders
        method: place_order
`,
	},
	Entry{
		Code: UnknownEntity, Rule: "unknown-entity", Severity: Error,
		Summary: "an entity type has no state machine",
		Detail:  "A transition, or an agent with `entities`, names an entity type that `spec.state_machines` does not declare. In a pipeline that declares no state machine at all this is a warning: a System that runs the pipeline may bring its own.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
  nodes:
    - kind: transition
      metadata:
        name: close
      spec:
        entity: tiket
        entity_id: $input.id
        to_state: CLOSED
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
  nodes:
    - kind: transition
      metadata:
        name: close
      spec:
        entity: ticket
        entity_id: $input.id
        to_state: CLOSED
`,
	},
	Entry{
		Code: UnknownState, Rule: "unknown-state", Severity: Error,
		Summary: "a transition leads to a state that its state machine does not reach",
		Detail:  "The states of an entity are its initial state and those that stand in `transitions`. A transition node must go to one that some transition leads to.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
  nodes:
    - kind: transition
      metadata:
        name: close
      spec:
        entity: ticket
        entity_id: $input.id
        to_state: CLOSE
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
  nodes:
    - kind: transition
      metadata:
        name: close
      spec:
        entity: ticket
        entity_id: $input.id
        to_state: CLOSED
`,
	},
	Entry{
		Code: UnknownTool, Rule: "unknown-tool", Severity: Warning,
		Summary: "an agent names a tool that nothing declares",
		Detail:  "A tool is an entry of `spec.tools` or a tool of the `tool_router` port. With neither, the host must supply the port, or the run ends before the first node.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  tools:
    web_search:
      fn: go:search
  nodes:
    - kind: agent_node
      metadata:
        name: research
      spec:
        main_prompt: Research {{ topic }}
        tools: [web_serach]
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  tools:
    web_search:
      fn: go:search
  nodes:
    - kind: agent_node
      metadata:
        name: research
      spec:
        main_prompt: Research {{ topic }}
        tools: [web_search]
`,
	},
	Entry{
		Code: ReservedTool, Rule: "reserved-tool", Severity: Error,
		Summary: "a tool has the name of one that agents have anyway",
		Detail:  "Every agent can call `tool_end` and `change_phase`; with `entities` also `atransition`, `aget_state`, `aget_history` and `aregister_entity`. A tool of that name could never be called.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: agent_node
      metadata:
        name: research
      spec:
        main_prompt: Research {{ topic }}
        tools:
          tool_end: go:finish
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: agent_node
      metadata:
        name: research
      spec:
        main_prompt: Research {{ topic }}
        tools:
          finish: go:finish
`,
	},
)
