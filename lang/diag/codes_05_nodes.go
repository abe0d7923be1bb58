package diag

// ExternalNode: a node's kind is known only to the host.
const ExternalNode Code = "HX0550"

var codes05Nodes = register(
	Entry{
		Code: ExternalNode, Rule: "external-node", Severity: Warning,
		Summary:   "a node's kind is known only to the host",
		Detail:    "A dotted path or `plugin:NAME` is an external node: its fields are free, its result has an unknown type, and it runs only where the host has registered the kind; elsewhere the run ends before the first node. The finding comes from `build` and `run`, not from `check`.",
		NoExample: "check does not report it: whether the host has the kind matters only to a run",
	},
)
