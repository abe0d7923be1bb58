package machine

// Why is the reason of a skip or a cancellation.
type Why uint8

// Reasons.
const (
	WhyNone Why = iota
	WhyWhenFalse
	WhyUpstreamSkipped
	WhyUpstreamFailed
	WhyNotRouted
	WhyNoError
	WhyLimitTokens
	WhyLimitLLMCalls
	WhyLimitToolCalls
	WhyLimitCost
	WhyLimitDuration
	WhyRunFailed
	WhyRunTimeout
	WhyNodeTimeout
	WhyBodySkipped // of an invocation of a macro: all exits were skipped
	WhyCancelled
)

var whyNames = [...]string{
	WhyNone: "", WhyWhenFalse: "when_false", WhyUpstreamSkipped: "upstream_skipped",
	WhyUpstreamFailed: "upstream_failed", WhyNotRouted: "not_routed", WhyNoError: "no_error",
	WhyLimitTokens: "limit:max_total_tokens", WhyLimitLLMCalls: "limit:max_llm_calls",
	WhyLimitToolCalls: "limit:max_tool_calls", WhyLimitCost: "limit:max_cost_usd",
	WhyLimitDuration: "limit:max_duration", WhyRunFailed: "run_failed", WhyRunTimeout: "run_timeout",
	WhyNodeTimeout: "node_timeout", WhyBodySkipped: "body_skipped", WhyCancelled: "cancelled",
}

// String is the reason as run documents and events show it.
func (w Why) String() string {
	if int(w) < len(whyNames) {
		return whyNames[w]
	}
	return "unknown"
}

// limit reports whether a limit is the reason.
func (w Why) limit() bool { return w >= WhyLimitTokens && w <= WhyLimitDuration }
