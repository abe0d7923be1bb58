package ir

import "hexdag.dev/hexdag/lang/value"

// Effective is the configuration that holds for a program, each value with the
// chain of places that set, lowered or ignored it.
type Effective struct {
	Kernel []Setting // in a fixed order, every known setting
	Limits []Setting // only what is limited
	Caps   Caps
	// Logging are the logging settings that some layer sets.
	Logging []Setting
	// Settings are the free settings for the host: an object or null.
	Settings value.Value
}

// Setting is one effective value.
type Setting struct {
	Name  string
	Value value.Value
	From  []Source // the deciding one first
}

// Source is one place that spoke about a value.
type Source struct {
	Layer string // "flags", "pipeline", "process", "system", "config", "built-in"
	At    Place  // File -1 for flags and built-ins
	Note  string // "set", "lowered", "ignored: …"
	Value value.Value
}

// Caps is the effective capability set.
type Caps struct {
	// Unrestricted: no layer declared a list. Otherwise only what is under one
	// of Allow is allowed.
	Unrestricted bool
	Allow        []string // sorted
	Deny         []string // sorted; wins over Allow
	From         []Source
}

// Kernel setting names.
const (
	MaxConcurrentNodes = "max_concurrent_nodes" // int, default 10
	DefaultNodeTimeout = "default_node_timeout" // nanoseconds, null for none
	PipelineTimeout    = "pipeline_timeout"     // nanoseconds, null for none
	StrictValidation   = "strict_validation"    // bool, default false
	OnFailure          = "on_failure"           // "stop", "continue", "abort"
	MaxScopes          = "max_scopes"           // int, default 1,000,000
	Retention          = "retention"            // nanoseconds, null for ever
)

// Limit names. Token, call counts are ints, cost is a decimal in dollars,
// duration is in nanoseconds, threshold is a float in (0, 1], OnLimit "raise"
// or "skip".
const (
	MaxTotalTokens   = "max_total_tokens"
	MaxLLMCalls      = "max_llm_calls"
	MaxToolCalls     = "max_tool_calls"
	MaxCostUSD       = "max_cost_usd"
	MaxDuration      = "max_duration"
	WarningThreshold = "warning_threshold"
	OnLimit          = "on_limit"
)
