package diag

// Faults of single kinds of nodes in a run.
const (
	RunConversation    Code = "HX1022"
	RunAgentSteps      Code = "HX1023"
	RunWaitTimeout     Code = "HX1024"
	RunTransition      Code = "HX1025"
	RunTransitionGuard Code = "HX1026"
	RunWaitKey         Code = "HX1027"
)

var codes10Nodes = register(
	Entry{
		Code: RunConversation, Rule: "run-conversation", Severity: Error,
		Summary:   "`conversation` gave no list of messages",
		Detail:    "A reference under `conversation` has to give a list of `{role, content}` objects, a single one, text, or null for none. The roles are system, user, assistant and tool; human and ai are other names for user and assistant.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunAgentSteps, Rule: "run-agent-steps", Severity: Error,
		Summary:   "an agent used all its steps without a final answer",
		Detail:    "`max_steps` bounds the calls of the model. In the last of them the model is told to answer; that answer was none, or did not fit `output_schema`. Give the agent more steps, simplify what it has to deliver, or look at the answers with `--events`.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunWaitTimeout, Rule: "run-wait-timeout", Severity: Error,
		Summary:   "the event that a wait_node waits for did not come in time",
		Detail:    "`on_timeout` names a node that runs then, and sees `$error.type` as `wait_timeout`; `on_error` does the same for every failure.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunTransition, Rule: "run-transition", Severity: Error,
		Summary:   "an entity cannot go to a state from where it is",
		Detail:    "The state machine has no transition from the entity's state to the wanted one. An entity that a run names for the first time is in the initial state.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunTransitionGuard, Rule: "run-transition-guard", Severity: Error,
		Summary:   "the guard of a transition refused it",
		Detail:    "Every transition that leads to the state has a guard, and none of them holds for the payload; or the guard could not be evaluated.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunWaitKey, Rule: "run-wait-key", Severity: Error,
		Summary:   "the key of an event to wait for is empty",
		Detail:    "`event_key` is a template that has to give a text. What sends the event names the same text.",
		NoExample: onlyInRuns,
	},
)
