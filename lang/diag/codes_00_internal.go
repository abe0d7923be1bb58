package diag

// Internal is a bug of ours.
const Internal Code = "HX0001"

var codes00 = register(
	Entry{
		Code: Internal, Rule: "internal-error", Severity: Error,
		Summary:   "hexc met a state that it believes impossible",
		Detail:    "This is a bug in hexc, not in the manifest. Please report it with the message, the output of `hexc version` and the smallest manifest that shows it.",
		NoExample: "no manifest is known that shows it",
	},
)
