package diag

// UnknownOutputField: `output_fields` names what the node does not compute.
const UnknownOutputField Code = "HX0328"

var codes03Output = register(
	Entry{
		Code: UnknownOutputField, Rule: "unknown-output-field", Severity: Warning,
		Summary: "`output_fields` names a variable that the node does not compute",
		Detail:  "The result of an expression node has the listed variables only. A name that no expression computes is missing from it, and whoever reads that field sees null.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          total: 1 + 2
        output_fields: [totel]
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          total: 1 + 2
        output_fields: [total]
`,
	},
)
