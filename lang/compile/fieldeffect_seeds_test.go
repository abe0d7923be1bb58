package compile_test

import "strings"

// forPeople are the fields without effect by design: they are for readers, for
// editors and for tools that pick documents.
var forPeople = map[string]bool{
	"description": true, "author": true, "tags": true, "annotations": true, "labels": true,
	"apiVersion": true, "Metadata.version": true, "NamedMetadata.version": true,
	"NamedMetadata.namespace": true, "Metadata.namespace": true, "Config.metadata": true, "System.metadata": true, // picks documents: select_test.go
}

// seededElsewhere are definitions whose fields are covered by another one, or by
// other tests.
var seededElsewhere = []string{
	"MacroFields", "ProcessFields", "ModelSettings", "NodeSpec", "InvocationOptions", // parts of others
	"CallExpectation", "ErrorExpectation", "EventExpectation", "Expectation", "MockError", "MockMatch", "MockPort", "MockUsage",
	"NodeExpectation", "Test", "TestCase", "TestEvent", "TestSpec", "UsageExpectation", "Bounds", // tests of pipelines are no programs
	"MCPPermissions", "Observer", // reported as a whole: ConfigSpec.mcp_permissions, PipelineSpec.observers
}

// effectPart is another file beside the manifest.
const effectPart = "kind: Pipeline\nmetadata: {name: part}\nspec:\n  input_schema: {a: int?}\n  nodes:\n    - kind: llm_node\n      metadata: {name: m}\n      spec: {human_message: hi, dependencies: []}\n    - kind: agent_node\n      metadata: {name: g}\n      spec: {main_prompt: go, dependencies: []}\n    - kind: data_node\n      metadata: {name: d}\n      spec: {output: {x: 1}}\n  output: {x: d.x}\n"

// effectValues are values where neither the field's example nor its type makes a
// good one.
var effectValues = map[string]string{
	"input_mapping": "{a: $input.b}", "when": "$input.a > 1", "dependencies": "[other]", "on_error": "handler", "on_timeout": "handler",
	"wait_for": "other", "required_inputs": "[a]", "max_attempts": "3", "retry_backoff": "3", "retry_delay": "5s", "retry_max_delay": "9s", "retry_on": "[timeout]",
	"ports": "{llm: {adapter: mock_llm, config: {model: other}}}", "policies": "{again: {type: retry, config: {max_attempts: 4}}}",
	"input_schema": "{a: int}", "output_schema": "{x: int}", "tools": "[]", "entities": "[ticket]", "seed": "5", "stop": "[END]", "temperature": "0.5", "top_p": "0.5",
	"examples": "[{input: i, output: o}]", "conversation": "[{role: user, content: hi}]",
	"max_duration_ms": "500", "initial_delay_ms": "500", "max_delay_ms": "500",
	"type_ports": "{llm_node: {llm: {adapter: mock_llm, config: {model: other}}}}", "node_ports": "{n: {llm: {adapter: mock_llm, config: {model: other}}}}",
	"prices": "{gpt-4o: {input: 1, output: 2}}", "variables": "{v: 1}", "limits": "{max_llm_calls: 9}", "caps": "[llm, tool:*]",
	"AgentNodeSpec.tools": "[find]", "AgentConfig.tools": "[find]", "PipelineSpec.tools": "{seek: go:seek}", "SystemSpec.tools": "{seek: go:seek}", "ConfigSpec.tools": "{seek: go:seek}",
	"AdapterSpec.port": "memory", "Port.type": "memory", "ConfigSpec.type_ports": "{agent_node: {llm: {adapter: mock_llm, config: {model: other}}}}",
	"MacroParameter.enum": "[y, z]", "MacroParameter.default": "dflt", "RequiredPort.optional": "true", "Node.settings": "{output: {y: 2}}", "Node.dependencies": "[other]",
	"RetryPolicy.max_retries": "5", "PipelineSpec.aliases": "{fine: my.app.Node}", "SystemSpec.aliases": "{fine: my.app.Adapter}", "PipelineSpec.observers": "[logging]", "SystemSpec.observers": "[logging]",
	"PipelineSpec.output_schema": "{z: int}", "SystemSpec.output_schema": "{z: str}", "SystemSpec.output": "{r: one.d.x}", "ProcessCapSet.grant": "[http]",
	"MacroParameter.type": "int", "nodes_raw": "'- {kind: data_node, metadata: {name: e}, spec: {output: {x: 2}}}'", "Macro.nodes": "[{kind: data_node, metadata: {name: d}, spec: {output: {x: 1}}}]", "MacroBody.nodes": "[{kind: data_node, metadata: {name: d}, spec: {output: {x: 1}}}]",
	"ProcessCapSet.deny": "[http]", "Tool.mcp": "{command: files-server}", "SystemSpec.states": "{CLOSED: {on_enter: two}}", "SystemSpec.transaction": "saga", "State.on_enter": "two", "CompositeNodeSpec.body_pipeline": "./part.yaml", "Prompt.template": "hello",
	"Node.spec": "{output: {x: 1}}", "RequiredPort.protocol": "llm", "AdapterSpec.middleware": "[retry]", "Port.middleware": "[retry]", "AdapterSpec.capabilities": "{requires: [http]}", "AgentNodeSpec.config": "{max_steps: 3}", "Backoff.factor": "3",
	"Branch.body": "go:work", "CompositeNodeSpec.else_body": "go:work", "reducer": "go:work", "StateHandlers.on_transition": "go:work", "WaitNodeSpec.setup_fn": "go:work",
	"CapProfile.allow": "[llm]", "CapProfile.deny": "[http]", "CapSet.profile": "near", "CapSet.profiles": "{far: {allow: [llm]}}", "ConfigCaps.profile": "near", "ConfigCaps.profiles": "{near: {deny: [http]}}",
	"ProcessCapSet.profile": "near", "ProcessCapSet.profiles": "{near: {deny: [file]}}", "ProcessCapSet.allow": "[llm, http]", "ConfigSpec.caps": "{deny: [http]}", "ConfigSpec.mcp_permissions": "{default_profile: p}",
	"CustomType.default": "none", "Init.cron": "'0 6 * * *'", "Init.timezone": "Europe/Berlin", "Init.backoff": "{initial: 4}", "Init.filter": "payload.x > 1", "Init.dedupe_key": "payload.id",
	"MCPServer.url": "https://mcp.example.com", "Macro.parameters": "[{name: q, default: one}]", "MacroBody.parameters": "[{name: q, default: one}]", "requires_ports": "[llm]", "outputs": "{r: d.x}",
	"MacroCallSpec.inputs": "{question: y}", "MacroInvocationSpec.inputs": "{question: y}", "MacroCallSpec.config": "{question: y}", "MacroInvocationSpec.config": "{question: y}", "MiddlewareEntry.config": "{max_retries: 7}", "Process.on_error": "one", "NamedProcess.on_error": "one",
	"Pipe.mapping": "{a: '{{ one.d.x }}'}", "custom_types": "{Kind: {base: str}}", "services": "{orders: {class: my.app.Orders}}", "state_machines": "{ticket: {initial: OPEN, transitions: {OPEN: [CLOSED]}}}",
	"PolicySpec.config": "{max_retries: 7}", "PolicyUse.config": "{max_retries: 7}", "Port.adapters": "[{adapter: mock_llm}]", "Port.strategy": "failover", "SystemSpec.pipes": "[{from: one, to: two}]",
	"SystemSpec.memory": "{adapter: no_such_memory}", "StateMachine.handlers": "{on_transition: go:work}", "SystemSpec.gc": "{ttl: 5s}", "Transition.guard": "reason == 'x'", "per": "2m",
	"kernel": "{max_concurrent_nodes: 3}", "logging": "{level: DEBUG}", "output": "{r: n}", "imports": "[./part.yaml]",
}

// effectFaults are fields that are an error in their manifest, as they should be.
var effectFaults = map[string]bool{
	"PipelineSpec.output_schema": true, "SystemSpec.output_schema": true, // it declares more than there is
	"MacroParameter.type": true, "MacroParameter.enum": true, "MacroParameter.required": true, // the call has something else
	"MacroBody.requires_ports": true, "Macro.requires_ports": true, "RequiredPort.protocol": true, // the pipeline lacks the port, or it is another
	"SystemSpec.memory":    true,                             // an adapter that there is not
	"PipelineSpec.imports": true, "SystemSpec.imports": true, // the file defines nothing to import
	"CompositeNodeSpec.body_pipeline": true, "SystemSpec.transaction": true, // what is not the default is not supported
}

// effectBeside are lines that a field needs beside it to matter.
var effectBeside = map[string][]string{
	"strict_mapping": {"input_mapping: {a: $input.b}"}, "parse_json": {"output_schema: {x: int}"}, "repair_attempts": {"output_schema: {x: int}"},
	"retry_delay": {"max_attempts: 3"}, "retry_backoff": {"max_attempts: 3"}, "retry_max_delay": {"max_attempts: 3"}, "retry_on": {"max_attempts: 3"},
	"PipelineSpec.output_schema": {"output: {r: n}"}, "SystemSpec.output_schema": {"output: {r: one.d.x}"},
	"Prompt.example_separator": {"examples: [{input: a, output: b}, {input: c, output: d}]"}, "RateLimitPolicy.on_limit": {"requests: 5"}, "RateLimitPolicy.burst": {"requests: 5"}, "RateLimitPolicy.per": {"requests: 5"},
	"Node.settings": {"spec: {dependencies: []}"}, "Node.dependencies": {"spec: {output: {x: 1}}"}, "Node.wait_for": {"spec: {output: {x: 1}}"},
	"CapSet.profile": {"profiles: {near: {deny: [http]}}"}, "ConfigCaps.profile": {"profiles: {near: {deny: [http]}}"}, "ProcessCapSet.profile": {"profiles: {near: {deny: [file]}}"},
	"CapSet.profiles": {"profile: far"}, "ConfigCaps.profiles": {"profile: near"}, "ProcessCapSet.profiles": {"profile: near"},
	"warning_threshold": {"max_llm_calls: 9"}, "on_limit": {"max_llm_calls: 9"},
}

// effectPipeline is a pipeline around a node of a kind, whose spec has the lines.
func effectPipeline(kind string, lines ...string) string {
	if !strings.Contains(strings.Join(lines, ""), "@@") {
		lines = append(lines, "@@")
	}
	return `kind: Pipeline
metadata: {name: p}
spec:
  input_schema: {a: int, b: int, text: str, rows: list, history: list}
  ports:
    llm: {adapter: mock_llm}
    api_call: {adapter: http, config: {base_url: "https://api.example.com"}}
  services: {orders: {class: my.app.Orders}}
  state_machines: {ticket: {initial: OPEN, transitions: {OPEN: [CLOSED]}}}
  tools: {find: go:find, also: go:also}
  nodes:
    - kind: data_node
      metadata: {name: other}
      spec: {output: {x: 1}, dependencies: []}
    - kind: data_node
      metadata: {name: first}
      spec: {output: {x: 1, score: 2}, dependencies: []}
    - kind: ` + kind + `
      metadata: {name: n}
      spec:
        ` + strings.Join(lines, "\n        ") + `
    - kind: data_node
      metadata: {name: handler}
      spec: {output: {y: 1}, dependencies: []}
`
}

// effectTop is a pipeline with one call of a model, with the lines in its spec.
func effectTop(lines ...string) string {
	return `kind: Pipeline
metadata: {name: p}
spec:
  ` + strings.Join(lines, "\n  ") + `
  nodes:
    - kind: llm_node
      metadata: {name: n}
      spec: {human_message: "Say {{ a }}", max_tokens: 9}
`
}

func effectSeeds() map[string]string {
	seeds := map[string]string{
		"LLMNodeSpec":         effectPipeline("llm_node", `human_message: "Say {{ a }}"`),
		"AgentNodeSpec":       effectPipeline("agent_node", `main_prompt: "Say {{ a }}"`),
		"FunctionNodeSpec":    effectPipeline("function_node", "fn: go:double"),
		"ExpressionNodeSpec":  effectPipeline("expression_node", "expressions: {x: $input.a + 1}"),
		"DataNodeSpec":        effectPipeline("data_node", "output: {x: 1}"),
		"APICallNodeSpec":     effectPipeline("api_call_node", "url: /items"),
		"ServiceCallNodeSpec": effectPipeline("service_call_node", "service: orders", "method: place"),
		"TransitionNodeSpec":  effectPipeline("transition", "entity: ticket", "to_state: CLOSED"),
		"WaitNodeSpec":        effectPipeline("wait_node", `event_key: "k:{{ a }}"`),
		"CompositeNodeSpec":   effectPipeline("composite_node", "mode: for-each", "items: $input.rows", "body: [{kind: llm_node, metadata: {name: b}, spec: {human_message: hi}}]"),
		"ForeignNodeSpec":     effectPipeline("my.app.Node", "own: 1"),
		"AgentConfig":         effectPipeline("agent_node", `main_prompt: "Say {{ a }}"`, "config:", "  @@"),

		"PipelineSpec":        effectTop("ports: {llm: {adapter: mock_llm}}", "@@"),
		"Limits":              effectTop("ports: {llm: {adapter: mock_llm}}", "limits:", "  @@"),
		"Kernel":              effectTop("ports: {llm: {adapter: mock_llm}}", "kernel:", "  @@"),
		"Logging":             effectTop("ports: {llm: {adapter: mock_llm}}", "logging:", "  @@"),
		"CapSet":              effectTop("ports: {llm: {adapter: mock_llm}}", "caps:", "  @@"),
		"Port":                effectTop("ports:", "  llm:", "    adapter: mock_llm", "    @@"),
		"PoolMember":          effectTop("ports:", "  llm:", "    adapters:", "      - adapter: mock_llm", "        @@"),
		"Price":               effectTop("ports: {llm: {adapter: mock_llm}}", "limits: {max_cost_usd: 1}", "prices:", "  mock:", "    input: 1", "    output: 2", "    @@"),
		"Message":             effectPipeline("llm_node", `human_message: "Say {{ a }}"`, "conversation:", "  - role: user", "    content: hi", "    @@"),
		"ConversationBlock":   effectPipeline("llm_node", `human_message: "Say {{ a }}"`, "conversation:", `  - messages: "{{ history }}"`, "    @@"),
		"Prompt":              effectPipeline("llm_node", "human_message:", "  type: chat_few_shot", "  human_message: hi", "  @@"),
		"Example":             effectPipeline("llm_node", "human_message: hi", "examples:", "  - input: a", "    output: b", "    @@"),
		"Branch":              effectPipeline("composite_node", "mode: switch", "branches:", "  - condition: $input.a > 1", "    @@"),
		"MacroCallSpec":       effectMacro("m"),
		"MacroInvocationSpec": effectMacro("macro_invocation", "macro: m"),

		"Pipeline":             "kind: Pipeline\nmetadata: {name: p}\n@@\nspec: {nodes: []}\n",
		"Metadata":             "kind: Pipeline\nmetadata:\n  @@\nspec: {nodes: []}\n",
		"NamedMetadata":        "kind: Policy\nmetadata:\n  name: q\n  @@\nspec: {type: retry}\n---\n" + effectTop("ports: {llm: {adapter: mock_llm}}"),
		"NodeMetadata":         "kind: Pipeline\nmetadata: {name: p}\nspec:\n  nodes:\n    - kind: data_node\n      metadata:\n        name: n\n        @@\n      spec: {output: {x: 1}}\n",
		"Node":                 "kind: Pipeline\nmetadata: {name: p}\nspec:\n  nodes:\n    - kind: data_node\n      metadata: {name: other}\n      spec: {output: {x: 1}}\n    - kind: data_node\n      metadata: {name: n2}\n      spec: {output: {x: 1}}\n    - kind: data_node\n      metadata: {name: n}\n      @@\n",
		"CustomType":           effectTop("input_schema: {a: Kind}", "ports: {llm: {adapter: mock_llm}}", "custom_types:", "  Kind:", "    base: str", "    @@"),
		"StateMachine":         effectTop("ports: {llm: {adapter: mock_llm}}", "state_machines:", "  ticket:", "    initial: OPEN", "    transitions: {OPEN: [CLOSED]}", "    @@"),
		"Transition":           effectTop("ports: {llm: {adapter: mock_llm}}", "state_machines:", "  ticket:", "    initial: OPEN", "    transitions:", "      OPEN:", "        - to: CLOSED", "          @@"),
		"StateHandlers":        effectTop("ports: {llm: {adapter: mock_llm}}", "state_machines:", "  ticket:", "    initial: OPEN", "    transitions: {OPEN: [CLOSED]}", "    handlers:", "      @@"),
		"Service":              effectTop("ports: {llm: {adapter: mock_llm}}", "services:", "  orders:", "    class: my.app.Orders", "    @@"),
		"Tool":                 strings.Replace(effectPipeline("agent_node", "main_prompt: go"), "  tools: {find: go:find, also: go:also}\n", "  tools:\n    find:\n      fn: go:find\n      %%\n", 1),
		"MCPServer":            strings.Replace(effectPipeline("function_node", "fn: mcp:files/read"), "  tools: {find: go:find, also: go:also}\n", "  tools:\n    files:\n      mcp:\n        command: files-server\n        %%\n", 1),
		"MiddlewareEntry":      effectTop("ports:", "  llm:", "    adapter: mock_llm", "    middleware:", "      - name: retry", "        @@"),
		"PolicyUse":            effectTop("ports: {llm: {adapter: mock_llm}}", "policies:", "  again:", "    type: retry", "    @@"),
		"RetryPolicy":          effectTop("ports: {llm: {adapter: mock_llm}}", "policies:", "  again:", "    type: retry", "    config:", "      @@"),
		"TimeoutPolicy":        effectTop("ports: {llm: {adapter: mock_llm}}", "policies:", "  bound:", "    type: timeout", "    config:", "      @@"),
		"RateLimitPolicy":      effectTop("ports: {llm: {adapter: mock_llm}}", "policies:", "  slow:", "    type: rate_limit", "    config:", "      @@"),
		"CircuitBreakerPolicy": effectTop("ports: {llm: {adapter: mock_llm}}", "policies:", "  guard:", "    type: circuit_breaker", "    config:", "      @@"),
		"CachePolicy":          effectTop("ports: {llm: {adapter: mock_llm}}", "policies:", "  keep:", "    type: cache", "    config:", "      @@"),

		"Config":              "kind: Config\n@@\nspec: {}\n---\n" + effectTop("ports: {llm: {adapter: mock_llm}}"),
		"ConfigSpec":          "kind: Config\nspec:\n  @@\n---\n" + strings.Replace(effectPipeline("agent_node", "main_prompt: go", "policies: {}"), "        @@\n", "", 1),
		"ConfigCaps":          "kind: Config\nspec:\n  caps:\n    @@\n---\n" + effectTop("ports: {llm: {adapter: mock_llm}}"),
		"CapProfile":          "kind: Config\nspec:\n  caps:\n    profile: safe\n    profiles:\n      safe:\n        @@\n---\n" + effectTop("ports: {llm: {adapter: mock_llm}}"),
		"Adapter":             "kind: Adapter\nmetadata: {name: a}\n@@\nspec: {adapter: mock_llm}\n---\n" + effectTop("ports: {llm: {ref: a}}"),
		"AdapterSpec":         "kind: Adapter\nmetadata: {name: a}\nspec:\n  adapter: mock_llm\n  @@\n---\n" + effectTop("ports: {llm: {ref: a}}"),
		"AdapterCapabilities": "kind: Adapter\nmetadata: {name: a}\nspec:\n  adapter: mock_llm\n  capabilities:\n    @@\n---\n" + effectTop("ports: {llm: {ref: a}}"),
		"Middleware":          "kind: Middleware\nmetadata: {name: m}\n@@\nspec: {stack: [retry]}\n---\n" + effectTop("ports: {llm: {adapter: mock_llm, middleware: m}}"),
		"MiddlewareSpec":      "kind: Middleware\nmetadata: {name: m}\nspec:\n  stack: [retry]\n  @@\n---\n" + effectTop("ports: {llm: {adapter: mock_llm, middleware: m}}"),
		"Policy":              "kind: Policy\nmetadata: {name: q}\n@@\nspec: {type: retry}\n---\n" + effectTop("ports: {llm: {adapter: mock_llm}}", "policies: {again: {ref: q}}"),
		"PolicySpec":          "kind: Policy\nmetadata: {name: q}\nspec:\n  type: retry\n  @@\n---\n" + effectTop("ports: {llm: {adapter: mock_llm}}", "policies: {again: {ref: q}}"),
		"Macro":               "kind: Macro\nmetadata: {name: m}\n@@\nspec: {nodes: [{kind: data_node, metadata: {name: d}, spec: {output: {x: 1}}}]}\n---\n" + effectCall,
		"MacroBody":           "kind: Macro\nmetadata: {name: m}\nspec:\n  nodes: [{kind: data_node, metadata: {name: d}, spec: {output: {x: 1}}}]\n  @@\n---\n" + effectCall,
		"MacroParameter":      "kind: Macro\nmetadata: {name: m}\nspec:\n  parameters:\n    - name: q\n      @@\n  nodes: [{kind: data_node, metadata: {name: d}, spec: {output: {x: \"{{ q }}\"}}}]\n---\n" + strings.Replace(effectCall, "config: {}", "config: {q: a}", 1),
		"RequiredPort":        "kind: Macro\nmetadata: {name: m}\nspec:\n  requires_ports:\n    - name: memory\n      @@\n  nodes: [{kind: data_node, metadata: {name: d}, spec: {output: {x: 1}}}]\n---\n" + effectCall,
		"MacroRepeat":         "kind: Macro\nmetadata: {name: m}\nspec:\n  nodes:\n    - for: i\n      in: range(2)\n      @@\n      nodes: [{kind: data_node, metadata: {name: \"d{{ i }}\"}, spec: {output: {x: 1}}}]\n---\n" + effectCall,

		"System":            "kind: System\nmetadata: {name: s}\n@@\nspec: {processes: {one: {exec: ./part.yaml}}}\n",
		"SystemSpec":        effectSystem("  @@"),
		"Process":           effectSystem("", "    @@"),
		"NamedProcess":      "kind: System\nmetadata: {name: s}\nspec:\n  processes:\n    - name: one\n      exec: ./part.yaml\n    - name: two\n      exec: ./part.yaml\n      @@\n",
		"ProcessCapSet":     effectSystem("  caps: {deny: [http]}", "    caps:", "      @@"),
		"Pipe":              effectSystem("  pipes:", "    - from: one", "      to: two", "      @@"),
		"Init":              effectSystem("  init:", "    type: schedule", "    every: 5m", "    @@"),
		"Backoff":           effectSystem("  init:", "    type: continuous", "    backoff:", "      @@"),
		"State":             effectSystem("  state_machines: {ticket: {initial: OPEN, transitions: {OPEN: [CLOSED]}}}", "  states:", "    CLOSED:", "      @@"),
		"OnTransition":      effectSystem("  state_machines: {ticket: {initial: OPEN, transitions: {OPEN: [CLOSED]}}}", "  on_transition:", "    OPEN -> CLOSED:", "      process: two", "      @@"),
		"GarbageCollection": effectSystem("  state_machines: {ticket: {initial: OPEN, transitions: {OPEN: [CLOSED]}}}", "  gc:", "    @@"),
	}
	llm := "ports: {llm: {adapter: mock_llm}}"
	macro := "kind: Macro\nmetadata: {name: m}\n"
	body := "nodes: [{kind: data_node, metadata: {name: d}, spec: {output: {x: 1}}}]\n"
	reads := strings.Replace(body, "{x: 1}", "{x: '{{ q }}'}", 1)
	for name, seed := range map[string]string{
		"CompositeNodeSpec.body_pipeline": effectPipeline("composite_node", "mode: for-each", "items: $input.rows"),
		"Init.cron":                       effectSystem("  init:", "    type: schedule", "    @@"),
		"Init.timezone":                   effectSystem("  init:", "    type: schedule", "    cron: '0 6 * * *'", "    @@"),
		"Macro.parameters":                macro + reads + "@@\n---\n" + effectCall,
		"MacroBody.parameters":            macro + "spec:\n  " + reads + "  @@\n---\n" + effectCall,
		"Macro.requires_ports":            macro + body + "@@\n---\n" + effectCall,
		"Macro.outputs":                   macro + body + "@@\n---\n" + effectCall,
		"Macro.nodes":                     macro + "@@\n---\n" + effectCall,
		"Macro.nodes_raw":                 macro + "@@\n---\n" + effectCall,
		"MacroBody.nodes":                 macro + "spec:\n  @@\n---\n" + effectCall,
		"MacroBody.nodes_raw":             macro + "spec:\n  @@\n---\n" + effectCall,
		"MacroParameter.default":          macro + "spec:\n  parameters:\n    - name: q\n      @@\n  nodes: [{kind: data_node, metadata: {name: d}, spec: {output: {x: \"{{ q }}\"}}}]\n---\n" + effectCall,
		"MacroParameter.required":         macro + "spec:\n  parameters:\n    - name: q\n      @@\n  nodes: [{kind: data_node, metadata: {name: d}, spec: {output: {x: \"{{ q }}\"}}}]\n---\n" + effectCall,
		"PipelineSpec.tools":              strings.Replace(strings.Replace(effectPipeline("agent_node", "main_prompt: go"), "        @@\n", "", 1), "tools: {find: go:find, also: go:also}", "@@", 1),
		"PipelineSpec.aliases":            strings.Replace(effectTop(llm, "@@"), "llm_node", "fine", 1),
		"PipelineSpec.variables":          strings.Replace(effectTop(llm, "@@"), "{{ a }}", "{{ spec.variables.v }}", 1),
		"PipelineSpec.custom_types":       effectTop(llm, "input_schema: {a: Kind}", "@@"),
		"PolicyUse.ref":                   "kind: Policy\nmetadata: {name: standard-retry}\nspec: {type: retry}\n---\n" + effectTop(llm, "policies:", "  again:", "    @@"),
		"PoolMember.ref":                  "kind: Adapter\nmetadata: {name: prod-llm}\nspec: {adapter: mock_llm}\n---\n" + effectTop("ports:", "  llm:", "    adapters:", "      - @@"),
		"Port.ref":                        "kind: Adapter\nmetadata: {name: prod-llm}\nspec: {adapter: mock_llm}\n---\n" + effectTop("ports:", "  llm:", "    @@"),
		"Port.adapters":                   effectTop("ports:", "  llm:", "    @@"),
		"Port.strategy":                   effectTop("ports:", "  llm:", "    adapters: [{adapter: mock_llm}]", "    @@"),
		"Prompt.template":                 effectPipeline("llm_node", "human_message:", "  type: simple", "  @@"),
		"MCPServer.url":                   strings.Replace(effectPipeline("function_node", "fn: mcp:files/read"), "  tools: {find: go:find, also: go:also}\n", "  tools:\n    files:\n      mcp:\n        %%\n", 1),
		"Tool.mcp":                        strings.Replace(effectPipeline("function_node", "fn: mcp:find/read"), "  tools: {find: go:find, also: go:also}\n", "  tools:\n    find:\n      %%\n", 1),
		"RequiredPort.protocol":           macro + "spec:\n  requires_ports:\n    - name: memory\n      @@\n  " + body + "---\n" + strings.Replace(effectCall, "spec:\n", "spec:\n  ports: {memory: {adapter: in_memory_memory}}\n", 1),
		"SystemSpec.variables":            effectSystem("  @@", "  init: {type: manual, input: {a: '{{ spec.variables.v }}'}}"),
		"SystemSpec.aliases":              effectSystem("  @@", "  ports: {llm: {adapter: fine}}"),
		"SystemSpec.transaction":          effectSystem("  @@", "  state_machines: {ticket: {initial: OPEN, transitions: {OPEN: [CLOSED]}}}"),
	} {
		seeds[name] = seed
	}
	for _, name := range []string{"Tool", "MCPServer", "Tool.mcp", "MCPServer.url"} {
		seeds[name] = strings.Replace(strings.Replace(seeds[name], "        @@\n", "", 1), "%%", "@@", 1)
	}
	return seeds
}

// effectCall is a pipeline that calls the macro m.
const effectCall = "kind: Pipeline\nmetadata: {name: p}\nspec:\n  nodes:\n    - kind: macro_invocation\n      metadata: {name: call}\n      spec: {macro: m, config: {}}\n"

// effectMacro is a macro, and a pipeline with a node that calls it.
func effectMacro(kind string, lines ...string) string {
	return "kind: Macro\nmetadata: {name: m}\nspec:\n  parameters: [{name: question, default: x}]\n  nodes: [{kind: llm_node, metadata: {name: d}, spec: {human_message: \"{{ question }}\"}}]\n---\n" + effectPipeline(kind, lines...)
}

// effectSystem is a System of two processes, with the lines in its spec or, where
// the first is empty, in its second process.
func effectSystem(first string, lines ...string) string {
	text := "kind: System\nmetadata: {name: s}\nspec:\n"
	process := ""
	if first == "" || strings.HasPrefix(first, "  caps: {deny") {
		process = "\n    " + strings.Join(lines, "\n    ")
	} else {
		first = strings.Join(append([]string{first}, lines...), "\n")
	}
	if first != "" {
		text += first + "\n"
	}
	return text + "  processes:\n    one: {exec: ./part.yaml}\n    two:\n      exec: ./part.yaml" + strings.ReplaceAll(process, "\n    ", "\n  ") + "\n"
}
