package diag

// HX0511–0519: names that are known when the manifest is built, and definitions
// of other files.
const (
	// UnknownBuildName: spec.variables, metadata or spec has no such name.
	UnknownBuildName Code = "HX0511"
	// BuildTime: a value is needed at build, but reads names of the run.
	BuildTime Code = "HX0512"
	// BuildCycle: a build-time value is made of itself.
	BuildCycle Code = "HX0513"
	// BuildFault: a build-time template cannot be computed.
	BuildFault Code = "HX0514"
	// Unlinked: a name that only an importing or including file can supply.
	Unlinked Code = "HX0515"
	// ImportFailed: an import cannot be resolved.
	ImportFailed Code = "HX0516"
	// EmptyFile: the file holds no document.
	EmptyFile Code = "HX0517"
)

const buildExample = `kind: Pipeline
metadata:
  name: example
spec:
  variables:
    team: support
    size: 3
  nodes:
    - kind: data_node
      metadata:
        name: facts
      spec:
        output:
          owner: `

var codes05Build = register(
	Entry{
		Code: UnknownBuildName, Rule: "unknown-build-name", Severity: Error,
		Summary: `a template names a build-time value that does not exist`,
		Detail:  "`spec.variables.*` is known when the manifest is built, and outside of the `spec` of nodes also `metadata.*`, `spec.*` and `variables.*`. Such a name must exist; `| default(…)` makes it optional.",
		Bad:     buildExample + "\"{{ spec.variables.taem }}\"\n",
		Good:    buildExample + "\"{{ spec.variables.team }}\"\n",
	},
	Entry{
		Code: BuildTime, Rule: "needed-at-build", Severity: Error,
		Summary: `a value that is needed at build depends on the run`,
		Detail:  "Names, kinds, limits and settings are fixed when the manifest is built. A template there may read `spec.variables.*` and, outside of the `spec` of nodes, `metadata.*` and `spec.*`; nodes' results and the run's input are not known yet.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  kernel:
    max_concurrent_nodes: "{{ $input.size }}"
  nodes: []
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  variables:
    size: 3
  kernel:
    max_concurrent_nodes: "{{ spec.variables.size }}"
  nodes: []
`,
	},
	Entry{
		Code: BuildCycle, Rule: "build-cycle", Severity: Error,
		Summary: `a build-time value is made of itself`,
		Detail:  "Variables may read others, in any order, but not in a circle.",
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  variables:
    first: "{{ spec.variables.second }}"
    second: "{{ spec.variables.first }}"
  nodes: []
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  variables:
    first: "{{ spec.variables.second }}"
    second: one
  nodes: []
`,
	},
	Entry{
		Code: BuildFault, Rule: "build-fault", Severity: Error,
		Summary: `a build-time template cannot be computed`,
		Detail:  "All names of the template are known, but what it does with them fails for their values.",
		Bad:     buildExample + "\"{{ 1 / (spec.variables.size - 3) }}\"\n",
		Good:    buildExample + "\"{{ 1 / spec.variables.size }}\"\n",
	},
	Entry{
		Code: Unlinked, Rule: "unlinked", Severity: Info,
		Summary: `a name that only another file can supply`,
		Detail:  "A fragment, a file without `kind` that others include, is checked for the shape that it has. Names that it reads but does not have must come from the manifest that includes it. The same holds for definitions that a System supplies to the pipelines that it runs. When a program is built such a name must be there.",
		Bad: `- kind: expression_node
  metadata:
    name: total
  spec:
    expressions:
      amount: order.price * order.count
`,
		Good: `- kind: data_node
  metadata:
    name: order
  spec:
    output:
      price: 3
      count: 2
- kind: expression_node
  metadata:
    name: total
  spec:
    expressions:
      amount: order.price * order.count
`,
	},
	Entry{
		Code: EmptyFile, Rule: "empty-file", Severity: Info,
		Summary: `the file holds no document`,
		Detail:  "It is empty, or has comments only, so there is nothing to check.",
		Bad:     "# to be written\n",
		Good:    withoutInclude,
	},
	Entry{
		Code: ImportFailed, Rule: "import", Severity: Error,
		Summary:   `an import names no definition`,
		Detail:    "`spec.imports` lists definitions of other files: `path#name` is the Macro, Adapter, Policy or Middleware of that name, `path` all that the file has. The path is relative to the file that contains it and must stay inside the workspace root. A definition of the manifest's own stream wins over an imported one of the same name.",
		NoExample: needsFiles,
	},
)
