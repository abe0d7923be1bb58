package ollama

// ToolCalling is true: the provider's API has tool calls.
func (m *Model) ToolCalling() bool { return true }
