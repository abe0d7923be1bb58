package diag

// Runs of Systems.
const (
	RunProcessFailed Code = "HX1060"
	RunSystemStart   Code = "HX1061"
)

var codes10Systems = register(
	Entry{
		Code: RunProcessFailed, Rule: "process-failed", Severity: Error,
		Summary:   `a process of a System failed`,
		Detail:    "The error's `cause` says why. Processes that do not depend on it finish; those that do are skipped. `on_error: PROCESS` names one that runs instead.",
		NoExample: `it happens when a program runs`,
	},
	Entry{
		Code: RunSystemStart, Rule: "system-start", Severity: Error,
		Summary:   `a System cannot be started by hand`,
		Detail:    "Its `init` says that times, events or its own end start it, or it runs by the transitions of entities. `--set init.type=manual` starts it once all the same.",
		NoExample: `it happens when a program runs`,
	},
)
