package expr

// NamespaceDoc documents a name with a dollar sign.
type NamespaceDoc struct {
	Name  string // without the dollar sign
	Type  string // in the notation of Type.String
	Where string // the places that have it
	Doc   string // one sentence
}

// Namespaces documents the names that are written with a dollar sign. No node,
// variable or input can hide them. Which of them exist at a place is not this
// package's to say.
func Namespaces() []NamespaceDoc {
	const (
		everywhere = "everywhere"
		loops      = "body and conditions of a `composite_node`"
		each       = "body of a `for-each` or `times`"
		handlers   = "nodes named in another node's `on_error`"
	)
	return []NamespaceDoc{
		{"input", "dict", everywhere, "The run's input."},
		{"ctx", "dict", everywhere, "The run itself: `run_id`, `pipeline_name`, `node_name`, `parent_run_id`, `services`."},
		{"item", "any", each, "The item of this turn."},
		{"index", "int", loops, "The number of this turn, from 0."},
		{"total", "int", each, "How many items there are."},
		{"is_first", "bool", each, "Whether this is the first item."},
		{"is_last", "bool", each, "Whether this is the last item."},
		{"state", "dict", "body and conditions of a `while`", "What `initial_state` and `state_update` made."},
		{"error", "dict", handlers, "The first failure, in the order of the document."},
		{"errors", "list[dict]", handlers, "All failures."},
		{"body", "any", "`condition` and `state_update` of a `while`", "The result of the body in this turn."},
	}
}
