package diag

// Declared types of results.
const (
	// ResultType: the output cannot have the type that output_schema declares.
	ResultType Code = "HX0580"
	// ResultUnchecked: output_schema or a part of the output has no effect.
	ResultUnchecked Code = "HX0581"
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
)
