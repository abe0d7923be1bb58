package ir

// Agent is an agent_node: a language model that calls tools until it has an
// answer.
type Agent struct {
	Port PortUse
	// System are the messages before the prompt of the phase.
	System []Message
	// Phases are the prompts; the agent starts in the first, which is called
	// "main", and change_phase leads to the others.
	Phases []Phase
	// Schema is the encoded type of the result; nil stands for {output: text}.
	Schema []byte
	// MaxSteps bounds the calls of the model in one attempt; at least 1.
	MaxSteps int
	// Style is how tools are called in the text of a model without tool calling
	// of its own: "mixed", "function_call" or "json".
	Style string
	Tools []Tool
	// Router is the tool_router port whose tools the agent may call too; nil for
	// none. RouterTools are their names; nil for all that the router has.
	Router      *PortUse
	RouterTools []string
	// Entities are the entity types whose states the agent may read and change.
	Entities []string
	// Overrides of the adapter's configuration, as in LLM.
	Model             *Expr
	Temperature, TopP *Expr
	MaxTokens, Seed   *Expr
	Stop              *Expr
}

// Phase is one prompt of an agent.
type Phase struct {
	Name     string
	Messages []Message
}

// Tool is a function that an agent may call.
type Tool struct {
	// Name is what the model calls it: letters, digits, "_", ":", "-" and ".".
	Name        string
	Description string
	Function    *Function
	Cap         string // "tool:NAME"
	Timeout     int64  // of one call, in nanoseconds; 0 for none
	At          Place
}
