package diag

// Configuration, limits and capabilities.
const (
	// CapForbids: a node calls a port that the effective capabilities forbid.
	CapForbids Code = "HX0601"
	// UnknownCap: there is no such capability.
	UnknownCap Code = "HX0602"
	// OldCap: a capability has the Python implementation's name.
	OldCap Code = "HX0603"
	// LimitTooLow: the program cannot finish within its own limit.
	LimitTooLow Code = "HX0604"
	// LimitReachable: the worst case exceeds a limit.
	LimitReachable Code = "HX0605"
	// LimitNotLowered: a limit tries to raise one that binds it.
	LimitNotLowered Code = "HX0606"
	// EnvUnset: an environment variable is not set and has no default.
	EnvUnset Code = "HX0607"
	// BadConfig: a configuration file cannot be used.
	BadConfig Code = "HX0608"
	// BudgetNeedsBound: a token or cost limit cannot be enforced for this port.
	BudgetNeedsBound Code = "HX0609"
	// EnvBad: an environment variable's value does not fit its place.
	EnvBad Code = "HX0610"
)

var codes06 = register(
	Entry{
		Code: CapForbids, Rule: "cap-forbids", Severity: Error,
		Summary: `a node calls a port that the effective capabilities forbid`,
		Detail:  `Every call of the port would be denied at run time, so the node can never succeed. Grant the capability where it was dropped, or use another port.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  caps: [memory]
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  caps: [memory, llm]
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
	},
	Entry{
		Code: UnknownCap, Rule: "unknown-cap", Severity: Error,
		Summary: `there is no such capability`,
		Detail:  `Capabilities are ` + "`" + `llm` + "`" + `, ` + "`" + `memory` + "`" + `, ` + "`" + `datastore[.read|.write]` + "`" + `, ` + "`" + `tool:NAME` + "`" + `, ` + "`" + `spawner` + "`" + `, ` + "`" + `secret` + "`" + `, ` + "`" + `http` + "`" + `, ` + "`" + `file[.read|.write]` + "`" + `, ` + "`" + `event[.publish|.subscribe]` + "`" + `, ` + "`" + `entity.transition` + "`" + `, ` + "`" + `python` + "`" + `, ` + "`" + `exec` + "`" + `, ` + "`" + `port:NAME` + "`" + ` and ` + "`" + `*` + "`" + `. A capability grants what is under it.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  caps: [lmm]
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  caps: [llm]
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
	},
	Entry{
		Code: OldCap, Rule: "old-capability-name", Severity: Info,
		Summary: `a capability has the Python implementation's name`,
		Detail:  `It is understood; the canonical name is shorter.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  caps: [port.llm]
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  caps: [llm]
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
	},
	Entry{
		Code: LimitTooLow, Rule: "limit-too-low", Severity: Error,
		Summary: `the program cannot finish within its own limit`,
		Detail:  `Even on the shortest path the program needs more calls than the limit allows.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  limits:
    max_llm_calls: 1
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: one
      spec:
        human_message: Say hello
    - kind: llm_node
      metadata:
        name: two
      spec:
        human_message: Say hello
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  limits:
    max_llm_calls: 2
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: one
      spec:
        human_message: Say hello
    - kind: llm_node
      metadata:
        name: two
      spec:
        human_message: Say hello
`,
	},
	Entry{
		Code: LimitReachable, Rule: "limit-reachable", Severity: Warning,
		Summary: `the worst case exceeds a limit`,
		Detail:  `Loops, retries and repairs at their bounds need more calls than the limit allows; such a run is stopped by the limit.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  limits:
    max_llm_calls: 2
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: one
      spec:
        human_message: Say hello
        max_retries: 3
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  limits:
    max_llm_calls: 2
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: one
      spec:
        human_message: Say hello
        max_retries: 2
`,
	},
	Entry{
		Code: LimitNotLowered, Rule: "limit-not-lowered", Severity: Warning,
		Summary:   `a limit tries to raise one that binds it`,
		Detail:    `Between System, process and Pipeline the tightest declared value holds: a Pipeline can lower what its System grants, never raise it.`,
		NoExample: `it needs a System and a Pipeline in two files`,
	},
	Entry{
		Code: EnvUnset, Rule: "env-unset", Severity: Warning,
		Summary: `an environment variable is not set and has no default`,
		Detail:  `` + "`" + `hexc check` + "`" + ` goes on with an unknown value; ` + "`" + `hexc build` + "`" + ` and ` + "`" + `hexc run` + "`" + ` need it. Set the variable or write ` + "`" + `${NAME:default}` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: ${HEXDAG_EXAMPLE_UNSET}
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: ${HEXDAG_EXAMPLE_UNSET:hello}
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
	},
	Entry{
		Code: BadConfig, Rule: "bad-config", Severity: Error,
		Summary:   `a configuration file cannot be used`,
		Detail:    `The file named by ` + "`" + `--config` + "`" + ` or ` + "`" + `HEXDAG_CONFIG_PATH` + "`" + `, or the discovered ` + "`" + `hexdag.yaml` + "`" + `, is not one document of ` + "`" + `kind: Config` + "`" + `.`,
		NoExample: `it is about a second file`,
	},
	Entry{
		Code: BudgetNeedsBound, Rule: "budget-needs-bound", Severity: Error,
		Summary:   `a token or cost limit cannot be enforced for this port`,
		Detail:    `The adapter cannot bound its output or count its usage, so a limit of tokens or dollars could be overshot. Set ` + "`" + `max_tokens` + "`" + ` on the port or node, or ` + "`" + `assume_max_tokens` + "`" + ` on the port.`,
		NoExample: `no adapter of this version is without both`,
	},
	Entry{
		Code: EnvBad, Rule: "env-value", Severity: Error,
		Summary:   `an environment variable's value does not fit its place`,
		Detail:    `The text of the variable is converted by the type that the field wants; nothing is guessed.`,
		NoExample: `it depends on the environment`,
	},
)
