package diag

// Spellings: what is accepted, and how it is better written.
const (
	AliasField      Code = "HX0901"
	DeprecatedField Code = "HX0902"
	OutdatedField   Code = "HX0903"
	BetterPlace     Code = "HX0904"
	AliasKind       Code = "HX0905"
	DeprecatedKind  Code = "HX0906"
	AliasName       Code = "HX0907"
	DeprecatedName  Code = "HX0908"
)

var codes09 = register(
	Entry{
		Code: AliasField, Rule: "alias-field", Severity: Info,
		Summary: "a field under its second name",
		Detail:  "Both names mean the same. One name for one thing is easier to search for; the fix writes the canonical one.",
		Bad:     pipelineHead + "  orchestrator: {max_concurrent_nodes: 4}\n" + echoNode,
		Good:    pipelineHead + "  kernel: {max_concurrent_nodes: 4}\n" + echoNode,
	},
	Entry{
		Code: DeprecatedField, Rule: "deprecated-field-name", Severity: Warning,
		Summary: "a field under a deprecated name",
		Detail:  "The name is still accepted; the fix writes today's.",
		Bad:     pipelineHead + "  ports: {llm: {adapter: mock_llm}}\n  nodes:\n    - kind: llm_node\n      metadata: {name: ask}\n      spec: {prompt_template: \"Hello {{ name }}\"}\n",
		Good:    pipelineHead + "  ports: {llm: {adapter: mock_llm}}\n  nodes:\n    - kind: llm_node\n      metadata: {name: ask}\n      spec: {human_message: \"Hello {{ name }}\"}\n",
	},
	Entry{
		Code: OutdatedField, Rule: "deprecated-field", Severity: Warning,
		Summary: "a field that has been replaced",
		Detail:  "It still works; the message says what does the same today.",
		Bad:     pipelineHead + "  limits: {max_duration_ms: 5000}\n" + echoNode,
		Good:    pipelineHead + "  limits: {max_duration: 5s}\n" + echoNode,
	},
	Entry{
		Code: BetterPlace, Rule: "canonical-place", Severity: Info,
		Summary: "a field that is better written one level up",
		Detail:  "Both places mean the same. `dependencies` stand at the node, beside `spec`; an agent's settings stand in its `spec`, not in `config`.",
		Bad: pipelineHead + "  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec: {output: {x: 1}}\n" +
			"    - kind: data_node\n      metadata: {name: b}\n      spec:\n        dependencies: [a]\n        output: {x: 1}\n",
		Good: pipelineHead + "  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec: {output: {x: 1}}\n" +
			"    - kind: data_node\n      metadata: {name: b}\n      dependencies: [a]\n      spec:\n        output: {x: 1}\n",
	},
	Entry{
		Code: AliasKind, Rule: "alias-kind", Severity: Info,
		Summary: "a node kind under its second name",
		Detail:  "Both names mean the same; the fix writes the canonical one.",
		Bad:     pipelineHead + "  nodes:\n    - kind: core:expression\n      metadata: {name: total}\n      spec: {expressions: {amount: 1 + 2}}\n",
		Good:    pipelineHead + echoNode,
	},
	Entry{
		Code: DeprecatedKind, Rule: "deprecated-kind", Severity: Warning,
		Summary: "a node kind under a deprecated name",
		Detail:  "The name is still accepted; the fix writes today's.",
		Bad:     pipelineHead + "  nodes:\n    - kind: static_node\n      metadata: {name: a}\n      spec: {output: {x: 1}}\n",
		Good:    pipelineHead + "  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec: {output: {x: 1}}\n",
	},
	Entry{
		Code: AliasName, Rule: "alias-name", Severity: Info,
		Summary: "an adapter, middleware, macro or capability under its second name",
		Detail:  "Both names mean the same; the fix writes the canonical one.",
		Bad:     pipelineHead + "  ports: {llm: {adapter: \"llm:mock\"}}\n" + echoNode,
		Good:    pipelineHead + "  ports: {llm: {adapter: mock_llm}}\n" + echoNode,
	},
	Entry{
		Code: DeprecatedName, Rule: "deprecated-name", Severity: Warning,
		Summary: "an adapter under a deprecated name",
		Detail:  "The name is still accepted; the fix writes today's.",
		Bad:     pipelineHead + "  ports: {llm: {adapter: \"plugin:mock_llm\"}}\n" + echoNode,
		Good:    pipelineHead + "  ports: {llm: {adapter: mock_llm}}\n" + echoNode,
	},
)
