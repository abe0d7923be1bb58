package ir

// String is the class as manifests and `hexc ir show` name it.
func (c EdgeClass) String() string {
	return enumName(int(c), "", "data", "chained", "wait_for", "on_error", "route")
}

// String is "expression", "template", "mapping", "const", "list" or "object".
func (m ExprMode) String() string {
	return enumName(int(m), "", "expression", "template", "mapping", "const", "list", "object")
}

// String says where a slot's value comes from.
func (k SlotKind) String() string {
	return enumName(int(k), "", "node", "mapping", "variable", "loop", "bare", "input", "ctx", "error", "errors", "body", "agent", "field")
}

// String is the mode as manifests write it.
func (m CompositeMode) String() string {
	return enumName(int(m), "", "while", "for-each", "times", "if-else", "switch", "macro")
}

// String is "port", "service" or "external".
func (t CallTarget) String() string {
	return enumName(int(t), "", "port", "service", "external")
}

func enumName(i int, names ...string) string {
	if i < 0 || i >= len(names) {
		return "unknown"
	}
	return names[i]
}
