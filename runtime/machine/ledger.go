package machine

// Amount is an amount of the limited resources: tokens, calls, micro-dollars.
type Amount struct {
	Tokens, LLMCalls, ToolCalls, CostMicro int64
}
