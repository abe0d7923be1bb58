package diag

// Names, references, dependencies and cycles.
const (
	// UnknownReference: an expression reads a name that nothing provides.
	UnknownReference Code = "HX0301"
	// UnknownDependency: a dependency names a node that does not exist.
	UnknownDependency Code = "HX0302"
	// UnknownHandler: `on_error` or `on_timeout` names a node that cannot handle the failure.
	UnknownHandler Code = "HX0303"
	// DependencyCycle: nodes wait for each other.
	DependencyCycle Code = "HX0304"
	// DuplicateNode: two nodes of one scope have the same name.
	DuplicateNode Code = "HX0305"
	// ReservedName: a node has a name that the language needs itself.
	ReservedName Code = "HX0306"
	// UndeclaredDependency: a node reads another one that its `dependencies` do not list.
	UndeclaredDependency Code = "HX0307"
	// UndeclaredInput: `$input.NAME` is not in the pipeline's `input_schema`.
	UndeclaredInput Code = "HX0308"
	// NameCollision: one name would mean two things in the same node.
	NameCollision Code = "HX0309"
	// ShadowedInput: an input field has the name of a node.
	ShadowedInput Code = "HX0310"
	// MisspeltTemplateName: a template reads a name that is nearly a node's.
	MisspeltTemplateName Code = "HX0311"
	// UnknownOutput: `output` reads a node that does not exist.
	UnknownOutput Code = "HX0312"
	// UnknownContextField: `ctx` has no such field.
	UnknownContextField Code = "HX0313"
	// RedundantDependencies: `dependencies` only repeats what the compiler infers.
	RedundantDependencies Code = "HX0314"
	// AmbiguousName: a bare name could have come from a dependency, but the node has several.
	AmbiguousName Code = "HX0315"
	// UndeclaredName: a bare name is not in the pipeline's `input_schema`.
	UndeclaredName Code = "HX0316"
	// LoopNameOutside: a loop's name is used where there is no loop.
	LoopNameOutside Code = "HX0317"
	// UnknownRouteTarget: a switch routes to a node that does not exist.
	UnknownRouteTarget Code = "HX0318"
	// UnreferableName: a node's name cannot be written in an expression.
	UnreferableName Code = "HX0319"
	// UnknownErrorName: `$error` is used in a node that handles no failure.
	UnknownErrorName Code = "HX0320"
	// UnreachableNode: a node can never run.
	UnreachableNode Code = "HX0321"
	// UnknownNamespace: there is no such `$` namespace.
	UnknownNamespace Code = "HX0322"
)

var codes03 = register(
	Entry{
		Code: UnknownReference, Rule: "unknown-reference", Severity: Error,
		Summary: `an expression reads a name that nothing provides`,
		Detail:  `The first part of a dotted name in an expression must be a node of the same scope, a mapping target, an earlier variable of the same node, a loop variable, or a field that ` + "`" + `input_schema` + "`" + ` declares. A field of the run's input that is not declared is written ` + "`" + `$input.NAME` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      spec:
        expressions:
          double: fetsh.total * 2
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      spec:
        expressions:
          double: fetch.total * 2
`,
	},
	Entry{
		Code: UnknownDependency, Rule: "unknown-dependency", Severity: Error,
		Summary: `a dependency names a node that does not exist`,
		Detail:  `` + "`" + `dependencies` + "`" + ` and ` + "`" + `wait_for` + "`" + ` name nodes of the same scope: the pipeline's nodes, or the nodes of the same body.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      dependencies: [fetsh]
      spec:
        expressions:
          n: 1
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      dependencies: [fetch]
      spec:
        expressions:
          n: 1
`,
	},
	Entry{
		Code: UnknownHandler, Rule: "unknown-handler", Severity: Error,
		Summary: `` + "`" + `on_error` + "`" + ` or ` + "`" + `on_timeout` + "`" + ` names a node that cannot handle the failure`,
		Detail:  `The handler is a node of the same scope, and not the failing node itself.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 1 / $input.n
        on_error: fallbak
    - kind: expression_node
      metadata:
        name: fallback
      spec:
        expressions:
          total: 0
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 1 / $input.n
        on_error: fallback
    - kind: expression_node
      metadata:
        name: fallback
      spec:
        expressions:
          total: 0
`,
	},
	Entry{
		Code: DependencyCycle, Rule: "dependency-cycle", Severity: Error,
		Summary: `nodes wait for each other`,
		Detail:  `No node of a cycle can ever start. The message shows the whole path, the related places why each edge is there: an explicit dependency, a reference in an expression or template, a route, or an error handler.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: a
      dependencies: [b]
      spec:
        expressions:
          x: b.x + 1
    - kind: expression_node
      metadata:
        name: b
      dependencies: [a]
      spec:
        expressions:
          x: a.x + 1
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: a
      dependencies: []
      spec:
        expressions:
          x: 1
    - kind: expression_node
      metadata:
        name: b
      dependencies: [a]
      spec:
        expressions:
          x: a.x + 1
`,
	},
	Entry{
		Code: DuplicateNode, Rule: "duplicate-node", Severity: Error,
		Summary: `two nodes of one scope have the same name`,
		Detail:  `A node's name is how others refer to it, so it must be unique among the nodes of its scope.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 4
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: fetch_again
      spec:
        expressions:
          total: 4
`,
	},
	Entry{
		Code: ReservedName, Rule: "reserved-name", Severity: Error,
		Summary: `a node has a name that the language needs itself`,
		Detail:  `` + "`" + `ctx` + "`" + `, ` + "`" + `input` + "`" + `, ` + "`" + `$input` + "`" + ` and ` + "`" + `state` + "`" + ` mean the run's context, its input and a loop's state in expressions; a node of that name could not be told from them.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: state
      spec:
        expressions:
          x: 1
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: current_state
      spec:
        expressions:
          x: 1
`,
	},
	Entry{
		Code: UndeclaredDependency, Rule: "undeclared-dependency", Severity: Warning,
		Summary: `a node reads another one that its ` + "`" + `dependencies` + "`" + ` do not list`,
		Detail:  `Reading a node creates the edge, so the pipeline works; but whoever reads the explicit list is misled. Add the node to the list, or remove the list and let the compiler infer it.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: other
      dependencies: []
      spec:
        expressions:
          x: 1
    - kind: expression_node
      metadata:
        name: report
      dependencies: [other]
      spec:
        expressions:
          n: fetch.total
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: other
      dependencies: []
      spec:
        expressions:
          x: 1
    - kind: expression_node
      metadata:
        name: report
      dependencies: [other, fetch]
      spec:
        expressions:
          n: fetch.total
`,
	},
	Entry{
		Code: UndeclaredInput, Rule: "undeclared-input", Severity: Error,
		Summary: `` + "`" + `$input.NAME` + "`" + ` is not in the pipeline's ` + "`" + `input_schema` + "`" + ``,
		Detail:  `A pipeline that declares its input declares all of it. Correct the name or add the field to ` + "`" + `spec.input_schema` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema:
    name: str
  nodes:
    - kind: expression_node
      metadata:
        name: greet
      spec:
        expressions:
          text: "'Hello ' + $input.nmae"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema:
    name: str
  nodes:
    - kind: expression_node
      metadata:
        name: greet
      spec:
        expressions:
          text: "'Hello ' + $input.name"
`,
	},
	Entry{
		Code: NameCollision, Rule: "name-collision", Severity: Error,
		Summary: `one name would mean two things in the same node`,
		Detail:  `A variable of ` + "`" + `expressions` + "`" + ` must not have the name of a node, of a built-in function or of a mapping target of its node, and a mapping target must not have the name of a node: the reader could not know which one is meant.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      dependencies: []
      spec:
        expressions:
          fetch: 1
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      dependencies: []
      spec:
        expressions:
          fetched: 1
`,
	},
	Entry{
		Code: ShadowedInput, Rule: "shadowed-input", Severity: Warning,
		Summary: `an input field has the name of a node`,
		Detail:  `The node wins wherever the name is used; the field is only reachable as ` + "`" + `$input.NAME` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema:
    city: str
  nodes:
    - kind: expression_node
      metadata:
        name: city
      spec:
        expressions:
          name: 'Bern'
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema:
    city: str
  nodes:
    - kind: expression_node
      metadata:
        name: place
      spec:
        expressions:
          name: 'Bern'
`,
	},
	Entry{
		Code: MisspeltTemplateName, Rule: "misspelt-template-name", Severity: Warning,
		Summary: `a template reads a name that is nearly a node's`,
		Detail:  `` + "`" + `{{ NAME }}` + "`" + ` with a name that is no node is a field of the run's input. Here the name is so close to a node's that a slip is more likely.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: expression_node
      metadata:
        name: analyzer
      spec:
        expressions:
          score: 3
    - kind: llm_node
      metadata:
        name: report
      spec:
        human_message: "Explain {{ analyzr }}"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: expression_node
      metadata:
        name: analyzer
      spec:
        expressions:
          score: 3
    - kind: llm_node
      metadata:
        name: report
      spec:
        human_message: "Explain {{ analyzer }}"
`,
	},
	Entry{
		Code: UnknownOutput, Rule: "unknown-output", Severity: Error,
		Summary: `` + "`" + `output` + "`" + ` reads a node that does not exist`,
		Detail:  `An entry of ` + "`" + `spec.output` + "`" + ` is ` + "`" + `NODE` + "`" + ` or ` + "`" + `NODE.FIELD…` + "`" + ` of a node of the pipeline.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  output:
    total: fetsh.total
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  output:
    total: fetch.total
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
`,
	},
	Entry{
		Code: UnknownContextField, Rule: "unknown-context-field", Severity: Error,
		Summary: `` + "`" + `ctx` + "`" + ` has no such field`,
		Detail:  `The context of a run has ` + "`" + `run_id` + "`" + `, ` + "`" + `pipeline_name` + "`" + `, ` + "`" + `node_name` + "`" + `, ` + "`" + `parent_run_id` + "`" + ` and ` + "`" + `services` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: tag
      spec:
        expressions:
          id: $ctx.runid
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: tag
      spec:
        expressions:
          id: $ctx.run_id
`,
	},
	Entry{
		Code: RedundantDependencies, Rule: "redundant-dependencies", Severity: Info,
		Summary: `` + "`" + `dependencies` + "`" + ` only repeats what the compiler infers`,
		Detail:  `Every listed node is read in the node's expressions or templates anyway. The list can go; it would have to be kept up to date by hand.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      dependencies: [fetch]
      spec:
        expressions:
          n: fetch.total
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: report
      spec:
        expressions:
          n: fetch.total
`,
	},
	Entry{
		Code: AmbiguousName, Rule: "ambiguous-name", Severity: Warning,
		Summary: `a bare name could have come from a dependency, but the node has several`,
		Detail:  `With exactly one dependency its fields are visible bare. This node has more, so the name is a field of the run's input. Write ` + "`" + `NODE.FIELD` + "`" + ` if the dependency's field is meant, ` + "`" + `$input.FIELD` + "`" + ` if the input's.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: other
      dependencies: []
      spec:
        expressions:
          x: 1
    - kind: expression_node
      metadata:
        name: report
      dependencies: [fetch, other]
      spec:
        expressions:
          n: total + other.x
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          total: 3
    - kind: expression_node
      metadata:
        name: other
      dependencies: []
      spec:
        expressions:
          x: 1
    - kind: expression_node
      metadata:
        name: report
      dependencies: [fetch, other]
      spec:
        expressions:
          n: fetch.total + other.x
`,
	},
	Entry{
		Code: UndeclaredName, Rule: "undeclared-name", Severity: Warning,
		Summary: `a bare name is not in the pipeline's ` + "`" + `input_schema` + "`" + ``,
		Detail:  `No node, mapping target or variable has the name, so it is read from the run's input, but the declared input does not have it. The run may still be given it; declare it, or correct the name.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema:
    name: str
  nodes:
    - kind: expression_node
      metadata:
        name: greet
      spec:
        expressions:
          text: "'Hello ' + nmae"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  input_schema:
    name: str
  nodes:
    - kind: expression_node
      metadata:
        name: greet
      spec:
        expressions:
          text: "'Hello ' + name"
`,
	},
	Entry{
		Code: LoopNameOutside, Rule: "loop-name-outside", Severity: Warning,
		Summary: `a loop's name is used where there is no loop`,
		Detail:  `` + "`" + `state` + "`" + `, ` + "`" + `$state` + "`" + `, ` + "`" + `$item` + "`" + `, ` + "`" + `$index` + "`" + `, ` + "`" + `$total` + "`" + `, ` + "`" + `$is_first` + "`" + `, ` + "`" + `$is_last` + "`" + ` and ` + "`" + `$body` + "`" + ` exist in a composite_node's conditions and body only. Elsewhere they read nothing.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: report
      spec:
        expressions:
          n: $index + 1
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: report
      spec:
        expressions:
          n: $input.index + 1
`,
	},
	Entry{
		Code: UnknownRouteTarget, Rule: "unknown-route-target", Severity: Error,
		Summary: `a switch routes to a node that does not exist`,
		Detail:  `With ` + "`" + `route_downstream: true` + "`" + ` every ` + "`" + `action` + "`" + ` and ` + "`" + `else_action` + "`" + ` names a node of the same scope; the chosen one runs, the others are skipped.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: composite_node
      metadata:
        name: route
      spec:
        mode: switch
        route_downstream: true
        branches:
          - condition: $input.urgent
            action: cal
    - kind: expression_node
      metadata:
        name: call
      spec:
        expressions:
          x: 1
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: composite_node
      metadata:
        name: route
      spec:
        mode: switch
        route_downstream: true
        branches:
          - condition: $input.urgent
            action: call
    - kind: expression_node
      metadata:
        name: call
      spec:
        expressions:
          x: 1
`,
	},
	Entry{
		Code: UnreferableName, Rule: "unreferable-name", Severity: Info,
		Summary: `a node's name cannot be written in an expression`,
		Detail:  `Expressions and templates read nodes by identifiers: letters, digits and underscores, not starting with a digit, and not one of the words of the expression language. The node runs, but nothing can read its result by name.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: my-node
      spec:
        expressions:
          x: 1
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: my_node
      spec:
        expressions:
          x: 1
`,
	},
	Entry{
		Code: UnknownErrorName, Rule: "error-name-outside", Severity: Warning,
		Summary: `` + "`" + `$error` + "`" + ` is used in a node that handles no failure`,
		Detail:  `` + "`" + `$error` + "`" + ` and ` + "`" + `$errors` + "`" + ` exist in a node that another node names in ` + "`" + `on_error` + "`" + `. Elsewhere they read nothing.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: report
      spec:
        expressions:
          m: $error.message
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: fetch
      spec:
        expressions:
          n: 1 / $input.n
        on_error: report
    - kind: expression_node
      metadata:
        name: report
      spec:
        expressions:
          m: $error.message
`,
	},
	Entry{
		Code: UnreachableNode, Rule: "unreachable-node", Severity: Warning,
		Summary: `a node can never run`,
		Detail:  `Its ` + "`" + `when` + "`" + ` is always false, or every path to it is.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: never
      spec:
        expressions:
          x: 1
        when: "False"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: always
      spec:
        expressions:
          x: 1
        when: "True"
`,
	},
	Entry{
		Code: UnknownNamespace, Rule: "unknown-namespace", Severity: Error,
		Summary: `there is no such ` + "`" + `$` + "`" + ` namespace`,
		Detail:  `The namespaces are ` + "`" + `$input` + "`" + `, ` + "`" + `$ctx` + "`" + `, ` + "`" + `$item` + "`" + `, ` + "`" + `$index` + "`" + `, ` + "`" + `$total` + "`" + `, ` + "`" + `$is_first` + "`" + `, ` + "`" + `$is_last` + "`" + `, ` + "`" + `$state` + "`" + `, ` + "`" + `$error` + "`" + `, ` + "`" + `$errors` + "`" + ` and ` + "`" + `$body` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: greet
      spec:
        expressions:
          x: $inputs.name
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: greet
      spec:
        expressions:
          x: $input.name
`,
	},
)
