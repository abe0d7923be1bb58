package diag

// HX0520–0549: macros.
const (
	// UnknownMacro: a call names no macro.
	UnknownMacro Code = "HX0520"
	// UnknownArgument: a macro has no such parameter.
	UnknownArgument Code = "HX0521"
	// MissingArgument: a required parameter is not given.
	MissingArgument Code = "HX0522"
	// BadArgument: an argument does not fit its parameter.
	BadArgument Code = "HX0523"
	// BadParameter: a parameter is declared wrongly.
	BadParameter Code = "HX0524"
	// MacroRecursion: macros contain themselves, or are nested too deeply.
	MacroRecursion Code = "HX0525"
	// MacroTooLarge: macros expand to too many nodes.
	MacroTooLarge Code = "HX0526"
	// OuterNode: a body reads a node of the caller.
	OuterNode Code = "HX0527"
	// UnknownInnerNode: inst_x names no node of the invocation inst.
	UnknownInnerNode Code = "HX0528"
	// ForeignInnerNode: inst_x may name a node of a foreign macro.
	ForeignInnerNode Code = "HX0529"
	// MacroPort: the pipeline lacks a port that a macro needs.
	MacroPort Code = "HX0530"
	// BadRepetition: nodes are repeated over what is no list.
	BadRepetition Code = "HX0531"
	// AbsentArgument: a text needs a parameter that has no value.
	AbsentArgument Code = "HX0532"
	// BadRawNodes: nodes_raw does not give a list of nodes.
	BadRawNodes Code = "HX0533"
	// DuplicateMacro: two macros of a stream have one name.
	DuplicateMacro Code = "HX0534"
)

const macroExample = `kind: Macro
metadata:
  name: summary
parameters:
  - name: length
    type: int
    required: true
  - name: tone
    enum: [plain, formal]
    default: plain
nodes:
  - kind: data_node
    metadata:
      name: request
    spec:
      output:
        words: "{{ length }}"
        tone: "{{ tone }}"
---
kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: macro_invocation
      metadata:
        name: short
      spec:
        macro: `

const macroBody = `kind: Macro
metadata:
  name: twice
parameters:
  - name: count
    type: int
    default: 2
  - name: note
nodes:
`

const macroCall = `---
kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: data_node
      metadata:
        name: facts
      spec:
        output: {size: 3}
    - kind: macro_invocation
      metadata:
        name: inst
      spec:
        macro: twice
        dependencies: [facts]
`

var codes05Macros = register(
	Entry{
		Code: UnknownMacro, Rule: "unknown-macro", Severity: Error,
		Summary: `a call names no macro`,
		Detail:  "A macro is one of the same stream, of a file that `spec.imports` names, or a built-in one; any other name must be the dotted path of a foreign macro.",
		Bad:     macroExample + "sumary\n        inputs: {length: 20}\n",
		Good:    macroExample + "summary\n        inputs: {length: 20}\n",
	},
	Entry{
		Code: UnknownArgument, Rule: "unknown-argument", Severity: Error,
		Summary: `a macro has no parameter of this name`,
		Detail:  "Arguments stand under `inputs` or `config`; each must be a parameter that the macro declares.",
		Bad:     macroExample + "summary\n        inputs: {lenght: 20, length: 20}\n",
		Good:    macroExample + "summary\n        inputs: {length: 20}\n",
	},
	Entry{
		Code: MissingArgument, Rule: "missing-argument", Severity: Error,
		Summary: `a required parameter is not given`,
		Detail:  "A parameter with `required: true` and no default must be given by each call, under `inputs` or `config`.",
		Bad:     macroExample + "summary\n",
		Good:    macroExample + "summary\n        inputs: {length: 20}\n",
	},
	Entry{
		Code: BadArgument, Rule: "bad-argument", Severity: Error,
		Summary: `an argument does not fit its parameter`,
		Detail:  "The value must have the parameter's type and be one of its `enum`. A text that reads names of the run (`{{ node.field }}`) is only known at run time: it fits `str` and `any`. A number for a parameter of type `str` must be quoted.",
		Bad:     macroExample + "summary\n        inputs: {length: long}\n",
		Good:    macroExample + "summary\n        inputs: {length: 20}\n",
	},
	Entry{
		Code: BadParameter, Rule: "bad-parameter", Severity: Error,
		Summary: `a parameter is declared wrongly`,
		Detail:  "A name must be one that templates can write, declared once, and not `name` or `dependencies`, which the invocation supplies. The default must fit the type and the enum.",
		Bad: `kind: Macro
metadata:
  name: summary
parameters:
  - name: length
    type: int
    default: short
nodes: []
`,
		Good: `kind: Macro
metadata:
  name: summary
parameters:
  - name: length
    type: int
    default: 20
nodes: []
`,
	},
	Entry{
		Code: MacroRecursion, Rule: "macro-recursion", Severity: Error,
		Summary: `macros contain themselves`,
		Detail:  "A macro is expanded when the manifest is built, so it can contain itself in no way, and others only 20 levels deep. What repeats at run time is a `composite_node`.",
		Bad:     macroBody + "  - kind: macro_invocation\n    metadata: {name: again}\n    spec: {macro: twice}\n" + macroCall,
		Good:    macroBody + "  - kind: data_node\n    metadata: {name: again}\n    spec: {output: {n: \"{{ count }}\"}}\n" + macroCall,
	},
	Entry{
		Code: MacroTooLarge, Rule: "macro-too-large", Severity: Error,
		Summary: `a macro expands to too many nodes`,
		Detail:  "One invocation may expand to 10,000 nodes, all of a document to 50,000, and `nodes_raw` to 4 MiB of text. What goes over many items should do so at run time, with a `composite_node` of mode `for-each`.",
		Bad:     macroBody + "  - for: i\n    in: range(20000)\n    nodes:\n      - kind: data_node\n        metadata: {name: \"item_{{ i }}\"}\n        spec: {output: {n: 1}}\n        dependencies: []\n" + macroCall,
		Good:    macroBody + "  - for: i\n    in: range(count)\n    nodes:\n      - kind: data_node\n        metadata: {name: \"item_{{ i }}\"}\n        spec: {output: {n: 1}}\n        dependencies: []\n" + macroCall,
	},
	Entry{
		Code: OuterNode, Rule: "outer-node", Severity: Error,
		Summary: `the body of a macro reads a node of its caller`,
		Detail:  "A body sees its own nodes, its parameters and the run's input. What it needs of the caller's nodes is an argument: `inputs: {facts: \"{{ facts }}\"}`.",
		Bad:     macroBody + "  - kind: expression_node\n    metadata: {name: size}\n    spec: {expressions: {size: facts.size * 2}}\n" + macroCall,
		Good:    macroBody + "  - kind: expression_node\n    metadata: {name: size}\n    spec: {expressions: {size: note * 2}}\n" + macroCall + "        inputs: {note: \"{{ facts.size }}\"}\n",
	},
	Entry{
		Code: UnknownInnerNode, Rule: "unknown-inner-node", Severity: Error,
		Summary: `a name looks like a node inside of a macro, which has none of this name`,
		Detail:  "The nodes of an invocation `inst` are called `inst_NAME` outside of it.",
		Bad:     macroBody + "  - kind: data_node\n    metadata: {name: size}\n    spec: {output: {n: \"{{ count }}\"}}\n" + macroCall + "    - kind: data_node\n      metadata: {name: after}\n      spec: {output: {n: \"{{ inst_sise.n }}\"}}\n",
		Good:    macroBody + "  - kind: data_node\n    metadata: {name: size}\n    spec: {output: {n: \"{{ count }}\"}}\n" + macroCall + "    - kind: data_node\n      metadata: {name: after}\n      spec: {output: {n: \"{{ inst_size.n }}\"}}\n",
	},
	Entry{
		Code: ForeignInnerNode, Rule: "foreign-inner-node", Severity: Warning,
		Summary: `a name is taken for a node inside of a foreign macro`,
		Detail:  "A macro that is named by a dotted path is expanded by nobody here: what its nodes are called and give is not known.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: macro_invocation
      metadata: {name: inst}
      spec: {macro: my_company.macros.Research}
    - kind: data_node
      metadata: {name: after}
      spec: {output: {n: "{{ inst_final.n }}"}}
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: macro_invocation
      metadata: {name: inst}
      spec: {macro: my_company.macros.Research}
    - kind: data_node
      metadata: {name: after}
      spec: {output: {n: "{{ inst }}"}}
`,
	},
	Entry{
		Code: MacroPort, Rule: "macro-port", Severity: Error,
		Summary: `the pipeline lacks a port that a macro requires`,
		Detail:  "Every entry of a macro's `requires_ports` that is not `optional` must be a port of the pipeline that calls it.",
		Bad:     "kind: Macro\nmetadata:\n  name: twice\nrequires_ports:\n  - name: llm\nnodes: []\n" + macroCall,
		Good:    "kind: Macro\nmetadata:\n  name: twice\nrequires_ports:\n  - name: llm\n    optional: true\nnodes: []\n" + macroCall,
	},
	Entry{
		Code: BadRepetition, Rule: "bad-repetition", Severity: Error,
		Summary: `nodes are repeated over what is no list, or not known at build`,
		Detail:  "`{for: x, in: EXPR, nodes: […]}` is done when the manifest is built: EXPR may read parameters that have a value then.",
		Bad:     macroBody + "  - for: i\n    in: count\n    nodes: []\n" + macroCall,
		Good:    macroBody + "  - for: i\n    in: range(count)\n    nodes: []\n" + macroCall,
	},
	Entry{
		Code: AbsentArgument, Rule: "absent-argument", Severity: Error,
		Summary: `a text needs a parameter that has no value`,
		Detail:  "A parameter that is not given and has no default is null as a whole value. In a text it must be optional: `{{ note | default('') }}`, or inside `{% if note %}`.",
		Bad:     macroBody + "  - kind: data_node\n    metadata: {name: text}\n    spec: {output: {text: \"see {{ note }}\"}}\n" + macroCall,
		Good:    macroBody + "  - kind: data_node\n    metadata: {name: text}\n    spec: {output: {text: \"see {{ note | default('nothing') }}\"}}\n" + macroCall,
	},
	Entry{
		Code: BadRawNodes, Rule: "bad-raw-nodes", Severity: Error,
		Summary: `nodes_raw does not give a list of nodes`,
		Detail:  "The text is a template that is rendered for each invocation; what it gives is read as a YAML list of nodes.",
		Bad:     "kind: Macro\nmetadata:\n  name: twice\nnodes_raw: |\n  kind: data_node\n" + macroCall,
		Good:    "kind: Macro\nmetadata:\n  name: twice\nnodes_raw: |\n  - kind: data_node\n    metadata: {name: one}\n    spec: {output: {n: 1}}\n" + macroCall,
	},
	Entry{
		Code: DuplicateMacro, Rule: "duplicate-macro", Severity: Error,
		Summary: `two macros of a stream have one name`,
		Detail:  "A call means a macro by its name alone, so each name stands for one macro of the stream.",
		Bad:     "kind: Macro\nmetadata: {name: twice}\nnodes: []\n---\nkind: Macro\nmetadata: {name: twice}\nnodes: []\n",
		Good:    "kind: Macro\nmetadata: {name: twice}\nnodes: []\n---\nkind: Macro\nmetadata: {name: thrice}\nnodes: []\n",
	},
)
