package diag

// Declared types of results.
const (
	// ResultType: the output cannot have the type that output_schema declares.
	ResultType Code = "HX0580"
	// ResultUnchecked: output_schema or a part of the output has no effect.
	ResultUnchecked Code = "HX0581"
	// SystemFieldUnused: a field of a System does nothing.
	SystemFieldUnused Code = "HX0582"
)

var codes05Results = register(
	Entry{
		Code: ResultType, Rule: "result-type", Severity: Error,
		Summary: "the output cannot have the type that `output_schema` declares",
		Detail:  "The `output_schema` of a Pipeline, of a System and of a process is enforced: a run whose output does not fit it fails. Here no run can give what it declares: a field is not there, or has another type.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  output_schema:
    total: int
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          words: [one, two]
  output:
    total: page.words
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  output_schema:
    words: list
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          words: [one, two]
  output:
    words: page.words
`,
	},
	Entry{
		Code: ResultUnchecked, Rule: "result-unchecked", Severity: Warning,
		Summary: "`output_schema`, or a part of the output, has no effect",
		Detail:  "An `output_schema` is about what `output` gives. Without `output` it is about nothing, and what it does not declare is left out of the result.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  output_schema:
    words: list
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          words: [one, two]
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  output_schema:
    words: list
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          words: [one, two]
  output:
    words: page.words
`,
	},
	Entry{
		Code: SystemFieldUnused, Rule: "system-field-unused", Severity: Warning,
		Summary: "a field of a System has no effect",
		Detail:  "`memory` of a System is its port `memory`, and has no effect beside it.",
		Bad: `kind: System
metadata:
  name: example
spec:
  memory: {adapter: in_memory_memory}
  ports: {memory: {adapter: in_memory_memory}}
  processes:
    look: {exec: "#look"}
---
kind: Pipeline
metadata:
  name: look
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    look: {exec: "#look"}
---
kind: Pipeline
metadata:
  name: look
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
)
