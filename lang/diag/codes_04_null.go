package diag

// ExprMayBeNull: an operand is null in some runs, and the operator fails then.
const ExprMayBeNull Code = "HX0420"

var codes04Null = register(
	Entry{
		Code: ExprMayBeNull, Rule: "may-be-null", Severity: Warning,
		Summary: `an operand may be null, and the operator fails then`,
		Detail:  `A node that is skipped has no result: whoever reads it, and runs because of another source, sees null. The same holds for what is declared as nullable. Arithmetic with null fails, as in Python; ` + "`default(x, …)`" + `, ` + "`x is not None`" + ` and a dependency on that node alone, which is skipped with it, keep it away.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema: {n: int}
  nodes:
    - kind: data_node
      metadata: {name: bonus}
      spec:
        when: $input.n > 3
        output: {points: 10}
    - kind: data_node
      metadata: {name: base}
      dependencies: []
      spec:
        output: {points: 100}
    - kind: expression_node
      metadata: {name: sum}
      spec:
        expressions:
          total: base.points + bonus.points
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema: {n: int}
  nodes:
    - kind: data_node
      metadata: {name: bonus}
      spec:
        when: $input.n > 3
        output: {points: 10}
    - kind: data_node
      metadata: {name: base}
      dependencies: []
      spec:
        output: {points: 100}
    - kind: expression_node
      metadata: {name: sum}
      spec:
        expressions:
          total: base.points + default(bonus.points, 0)
`,
	},
)
