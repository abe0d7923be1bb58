package diag

// Kinds, ports, functions and macros.
const (
	// PortUndeclared: a node needs a port that the pipeline does not declare.
	PortUndeclared Code = "HX0501"
	// UnknownAdapter: there is no adapter of that name.
	UnknownAdapter Code = "HX0502"
	// BadFunction: `fn` names no function.
	BadFunction Code = "HX0503"
	// BadStarlark: Starlark code does not compile or lacks the function.
	BadStarlark Code = "HX0504"
	// NotBuildable: this is checked, but this version cannot build it.
	NotBuildable Code = "HX0505"
	// NoProgram: the file has no program, or several and none is chosen.
	NoProgram Code = "HX0506"
	// UnknownReferenceTarget: a `ref`, macro or policy names a definition that does not exist.
	UnknownReferenceTarget Code = "HX0507"
	// IncludeFailed: an included file cannot be read.
	IncludeFailed Code = "HX0508"
	// BadSchemaType: a schema names a type that does not exist.
	BadSchemaType Code = "HX0509"
	// BareFunction: `fn` is a name without a scheme.
	BareFunction Code = "HX0510"
)

var codes05 = register(
	Entry{
		Code: PortUndeclared, Rule: "port-undeclared", Severity: Warning,
		Summary: `a node needs a port that the pipeline does not declare`,
		Detail:  `The program that runs the pipeline must supply the port, or the run ends before the first node. Declare it under ` + "`" + `spec.ports` + "`" + ` so that the pipeline runs by itself. Of a pipeline that is only checked this is a note, since a System may bring the port; ` + "`" + `hexc check` + "`" + ` over both says nothing.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
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
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
	},
	Entry{
		Code: UnknownAdapter, Rule: "unknown-adapter", Severity: Error,
		Summary: `there is no adapter of that name`,
		Detail:  `An adapter is named by its canonical name, one of its aliases, or, for code that the host registers, a dotted path.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mok
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
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
`,
	},
	Entry{
		Code: BadFunction, Rule: "bad-function", Severity: Error,
		Summary: `` + "`" + `fn` + "`" + ` names no function`,
		Detail:  `A function is named ` + "`" + `go:NAME` + "`" + ` (registered by the host), ` + "`" + `star:FILE#FUNC` + "`" + ` or ` + "`" + `!star` + "`" + ` (Starlark), ` + "`" + `python:PKG.MOD.FUNC` + "`" + ` or a bare dotted path (Python), ` + "`" + `mcp:SERVER/TOOL` + "`" + `, ` + "`" + `exec:PROGRAM` + "`" + ` or a URL.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: star:work
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: go:work
`,
	},
	Entry{
		Code: BadStarlark, Rule: "bad-starlark", Severity: Error,
		Summary: `Starlark code does not compile or lacks the function`,
		Detail:  `The file is read and parsed while compiling, but never run. The position in the message is the one in the Starlark text.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: !star |
          def work(x)
            return x
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: !star |
          def work(x):
            return x
`,
	},
	Entry{
		Code: NotBuildable, Rule: "not-buildable", Severity: Error,
		Summary:   `this is checked, but this version cannot build it`,
		Detail:    `The manifest is valid hexDAG, but the compiler cannot lower this part to a program yet. ` + "`" + `hexc check` + "`" + ` accepts it; ` + "`" + `hexc build` + "`" + ` and ` + "`" + `hexc run` + "`" + ` do not.`,
		NoExample: `only ` + "`" + `hexc build` + "`" + ` and ` + "`" + `hexc run` + "`" + ` report it`,
	},
	Entry{
		Code: NoProgram, Rule: "no-program", Severity: Error,
		Summary:   `the file has no program, or several and none is chosen`,
		Detail:    `` + "`" + `hexc build` + "`" + ` and ` + "`" + `hexc run` + "`" + ` need one Pipeline. Choose one of several with ` + "`" + `--name` + "`" + ` or ` + "`" + `--env` + "`" + `.`,
		NoExample: `only ` + "`" + `hexc build` + "`" + ` and ` + "`" + `hexc run` + "`" + ` report it`,
	},
	Entry{
		Code: UnknownReferenceTarget, Rule: "unknown-definition", Severity: Error,
		Summary: `a ` + "`" + `ref` + "`" + `, macro or policy names a definition that does not exist`,
		Detail:  `Definitions come from the documents of the same stream, the files in ` + "`" + `spec.imports` + "`" + ` and the discovered Config.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      ref: prod_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
---
kind: Adapter
metadata:
  name: prod-llm
spec:
  adapter: mock_llm
  port: llm
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      ref: prod-llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: Say hello
---
kind: Adapter
metadata:
  name: prod-llm
spec:
  adapter: mock_llm
  port: llm
`,
	},
	Entry{
		Code: IncludeFailed, Rule: "include-failed", Severity: Error,
		Summary: `an included file cannot be read`,
		Detail:  `Paths are relative to the file that contains them and must stay inside the workspace root.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: star:missing.star#work
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: go:work
`,
	},
	Entry{
		Code: BadSchemaType, Rule: "bad-schema-type", Severity: Error,
		Summary: `a schema names a type that does not exist`,
		Detail:  `The types of a flat schema are ` + "`" + `str` + "`" + `, ` + "`" + `int` + "`" + `, ` + "`" + `float` + "`" + `, ` + "`" + `bool` + "`" + `, ` + "`" + `list` + "`" + `, ` + "`" + `dict` + "`" + `, ` + "`" + `Any` + "`" + `, each also with ` + "`" + `?` + "`" + ` behind it, the cleaning types, and ` + "`" + `spec.custom_types` + "`" + `. A schema may also be a JSON Schema with ` + "`" + `type: object` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: judge
      spec:
        human_message: Judge this
        output_schema:
          score: strng
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: judge
      spec:
        human_message: Judge this
        output_schema:
          score: str
`,
	},
	Entry{
		Code: BareFunction, Rule: "bare-function", Severity: Warning,
		Summary: `` + "`" + `fn` + "`" + ` is a name without a scheme`,
		Detail:  `A function of the program that runs the pipeline is named ` + "`" + `go:NAME` + "`" + `. Early versions of the Python implementation took bare names for functions that their runner registered; such a name is read as ` + "`" + `go:NAME` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: work
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: function_node
      metadata:
        name: work
      spec:
        fn: go:work
`,
	},
)
