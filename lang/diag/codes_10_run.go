package diag

// Faults of a run. They are found by the runtime, never by the compiler, which
// reports what it can prove beforehand under other codes.
const (
	RunInputMissing     Code = "HX1001"
	RunInputInvalid     Code = "HX1002"
	RunExpression       Code = "HX1003"
	RunMappingRequired  Code = "HX1004"
	RunRequiredInput    Code = "HX1005"
	RunCriticalSkip     Code = "HX1006"
	RunTimeout          Code = "HX1007"
	RunEffectFailed     Code = "HX1008"
	RunBodyFailed       Code = "HX1009"
	RunInvalidOutput    Code = "HX1010"
	RunLimit            Code = "HX1011"
	RunCapDenied        Code = "HX1012"
	RunPriceUnknown     Code = "HX1013"
	RunCrash            Code = "HX1014"
	RunPipelineTimeout  Code = "HX1015"
	RunTooManyScopes    Code = "HX1016"
	RunLoopBounds       Code = "HX1017"
	RunFunctionInput    Code = "HX1018"
	RunOutputMissing    Code = "HX1019"
	RunCancelled        Code = "HX1020"
	RunStateUnavailable Code = "HX1021"
)

const onlyInRuns = "it depends on the data of a run; no manifest has it by itself"

var codes10 = register(
	Entry{
		Code: RunInputMissing, Rule: "run-input-missing", Severity: Error,
		Summary:   "the run's input lacks fields that the pipeline reads",
		Detail:    "Every field that `input_schema` requires, and every bare name that no node supplies, has to be in the run's input. All absent fields are listed at once, before the first node starts. Give them with `--input` or `-i name=value`, or make their use optional: `{{ name | default('…') }}`, `{% if name %}`, or a `?` behind the type in `input_schema`.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunInputInvalid, Rule: "run-input-invalid", Severity: Error,
		Summary:   "the run's input does not fit `input_schema`",
		Detail:    "The message lists each field with the type that the schema wants and what was given. Mend the input, or the schema.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunExpression, Rule: "run-expression", Severity: Error,
		Summary:   "an expression or template could not be evaluated",
		Detail:    "The place shown is the sub-expression at fault; the message names the types of its operands. An evaluation error in `when`, `condition`, a mapping or a template fails the node and never counts as false or null. Guard what may be absent: `coalesce(x, 0)`, `x is defined`, `{{ x | default('…') }}`.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunMappingRequired, Rule: "run-mapping-required", Severity: Error,
		Summary:   "an `input_mapping` source marked `| required` was null",
		Detail:    "The source exists but gave null. Make the node that produces it always set the field, or replace `| required` by `| default(…)`.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunRequiredInput, Rule: "run-required-input", Severity: Error,
		Summary:   "a field of `required_inputs` was null or absent",
		Detail:    "`required_inputs` lists the fields of the prepared input that must not be null. The message lists those that were.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunCriticalSkip, Rule: "run-critical-skip", Severity: Error,
		Summary:   "a node with `critical: true` was skipped",
		Detail:    "`critical: true` turns a skip into a failure. The message gives the reason for the skip; drop `critical` if the skip is fine.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunTimeout, Rule: "run-timeout", Severity: Error,
		Summary:   "an attempt took longer than the node's time-out",
		Detail:    "`timeout` (or `kernel.default_node_timeout`) bounds each attempt. Raise it, allow more attempts with `max_attempts`, or handle it with `on_error`.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunEffectFailed, Rule: "run-call-failed", Severity: Error,
		Summary:   "a function or an adapter reported an error",
		Detail:    "The message is the one that the function or the service gave. Its class (`network`, `rate_limit`, `function`, …) is what `retry_on` selects.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunBodyFailed, Rule: "run-body-failed", Severity: Error,
		Summary:   "the body of a `composite_node` failed",
		Detail:    "The cause inside the body is shown with it. With `error_handling: continue` or `collect` a loop records failed items in `metadata.errors` and goes on.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunInvalidOutput, Rule: "run-invalid-output", Severity: Error,
		Summary:   "a result does not fit `output_schema`",
		Detail:    "An `llm_node` sends an answer that does not fit back to the model, with what is wrong, `repair_attempts` times; the last fault is shown. A function's result is not repaired.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunLimit, Rule: "run-limit", Severity: Error,
		Summary:   "a call was refused because a limit is used up",
		Detail:    "The call was not made. `hexc explain FILE spec.limits.…` shows where the limit comes from. With `on_limit: skip` the node is skipped instead.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunCapDenied, Rule: "run-cap-denied", Severity: Error,
		Summary:   "a call was refused because a capability is missing",
		Detail:    "The call was not made. The capability that it needs is not in the effective set; `hexc explain FILE spec.caps` shows which layer dropped it.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunPriceUnknown, Rule: "run-price-unknown", Severity: Error,
		Summary:   "`max_cost_usd` is set and nobody knows what a model costs",
		Detail:    "Without a price the limit could not be kept, so the call was not made. Add the model to the price table.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunCrash, Rule: "run-crash", Severity: Error,
		Summary:   "a node was in flight in three crashes",
		Detail:    "The process that ran the node died three times while the node was in flight, so the node is suspected to be the reason.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunPipelineTimeout, Rule: "run-pipeline-timeout", Severity: Error,
		Summary:   "the run took longer than `pipeline_timeout`",
		Detail:    "`kernel.pipeline_timeout` is wall time, waits and down-time included. What was in flight was cancelled.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunTooManyScopes, Rule: "run-too-many-scopes", Severity: Error,
		Summary:   "the loops of a run opened more bodies than `kernel.max_scopes` allows",
		Detail:    "Every iteration of every loop counts. Raise `kernel.max_scopes` or work on fewer items.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunLoopBounds, Rule: "run-loop-bounds", Severity: Error,
		Summary:   "`items` gave nothing to iterate over, or `count` no number",
		Detail:    "`items` has to give a list, a tuple, a set, a range, or an object, whose keys are iterated; `count` an integer that is not negative.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunFunctionInput, Rule: "run-function-input", Severity: Error,
		Summary:   "a function's input does not fit its `input_schema`",
		Detail:    "The function was not called. The message lists each field with the type that the schema wants and what was given.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunOutputMissing, Rule: "run-output-missing", Severity: Error,
		Summary:   "the pipeline's `output` reads a path that the node's result does not have",
		Detail:    "The result is closed (it has an `output_schema`) and lacks the field. A field that may be absent is null only in an open result.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunCancelled, Rule: "run-cancelled", Severity: Error,
		Summary:   "the run was cancelled",
		Detail:    "What was in flight was told to stop, and nothing started afterwards.",
		NoExample: onlyInRuns,
	},
	Entry{
		Code: RunStateUnavailable, Rule: "run-state-unreadable", Severity: Error,
		Summary:   "the stored state of a run cannot be read",
		Detail:    "A snapshot or record is damaged, or belongs to another program or another version of hexc. Resume with the version that wrote it.",
		NoExample: onlyInRuns,
	},
)
