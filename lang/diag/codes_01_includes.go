package diag

// HX0130–0149: files that include others.
const (
	// IncludeMissing: an included file does not exist.
	IncludeMissing Code = "HX0130"
	// IncludeEscape: an include leads outside of the workspace root.
	IncludeEscape Code = "HX0131"
	// IncludeCycle: files include each other in a circle.
	IncludeCycle Code = "HX0132"
	// IncludeDepth: includes are nested too deeply.
	IncludeDepth Code = "HX0133"
	// IncludeUnreadable: there is something, but no file that can be read.
	IncludeUnreadable Code = "HX0134"
	// IncludeFragment: the included file has no such fragment.
	IncludeFragment Code = "HX0135"
	// IncludeStream: the included file has several documents and none is named.
	IncludeStream Code = "HX0136"
	// BadInclude: an include that is written wrongly.
	BadInclude Code = "HX0137"
	// IncludeBudget: includes bring too much.
	IncludeBudget Code = "HX0138"
	// IncludeEmpty: the included file is empty.
	IncludeEmpty Code = "HX0139"
	// IncludeVarUnused: the included file does not use a variable that it is given.
	IncludeVarUnused Code = "HX0140"
)

const withInclude = `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - `

const withoutInclude = `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: data_node
      metadata:
        name: facts
      spec:
        output:
          answer: 42
`

const needsFiles = "it needs a second file, and an example is one file"

var codes01Includes = register(
	Entry{
		Code: IncludeMissing, Rule: "include-missing", Severity: Error,
		Summary: `an included file does not exist`,
		Detail:  `The path of an include is relative to the file that contains the include, also when that file is included itself.`,
		Bad:     withInclude + "!include missing.yaml\n",
		Good:    withoutInclude,
	},
	Entry{
		Code: IncludeEscape, Rule: "include-escape", Severity: Error,
		Summary: `an include leads outside of the workspace root`,
		Detail:  `Includes reach files below the workspace root only, so that checking a manifest that somebody else wrote cannot read other files. Paths must be relative, and symbolic links are followed before the check. The root is the nearest folder with ` + "`hexdag.yaml` or `.git`, or what `--root`" + ` says.`,
		Bad:     withInclude + "!include /etc/passwd\n",
		Good:    withoutInclude,
	},
	Entry{
		Code: IncludeCycle, Rule: "include-cycle", Severity: Error,
		Summary: `files include each other in a circle`,
		Detail:  `The message shows the chain of files. Symbolic links are followed, so a file is the same under all its names. A file cannot include a fragment of itself either; use an anchor and an alias there.`,
		Bad:     withInclude + "!include example.yaml\n",
		Good:    withoutInclude,
	},
	Entry{
		Code: IncludeDepth, Rule: "include-depth", Severity: Error,
		Summary:   `includes are nested too deeply`,
		Detail:    `A file that is included may include others, ten levels deep.`,
		NoExample: needsFiles,
	},
	Entry{
		Code: IncludeUnreadable, Rule: "include-unreadable", Severity: Error,
		Summary:   `what an include names cannot be read`,
		Detail:    `There is a folder, a device, a file without permission to read it, or one that is too large for a manifest.`,
		NoExample: needsFiles,
	},
	Entry{
		Code: IncludeFragment, Rule: "include-fragment", Severity: Error,
		Summary:   `the included file has no such fragment`,
		Detail:    "`file.yaml#name` takes the value of the key `name` at the top level of the file; of a file with several documents also the document whose `metadata.name` is `name`.",
		NoExample: needsFiles,
	},
	Entry{
		Code: IncludeStream, Rule: "include-stream", Severity: Error,
		Summary:   `the included file has several documents and the include names none`,
		Detail:    "Only one value can stand where the include stands. Name it with `file.yaml#name`.",
		NoExample: needsFiles,
	},
	Entry{
		Code: BadInclude, Rule: "include-form", Severity: Error,
		Summary: `an include that is written wrongly`,
		Detail:  "An include is `!include file.yaml`, `!include file.yaml#fragment`, `!include {path: file.yaml, fragment: name, vars: {key: value}}`, or a mapping whose only key is `\"!include\"` with one of these as its value. The path has forward slashes; `${NAME}` in it is read from the environment, templates are not evaluated.",
		Bad:     withInclude + "!include {file: nodes.yaml}\n",
		Good:    withoutInclude,
	},
	Entry{
		Code: IncludeBudget, Rule: "include-budget", Severity: Error,
		Summary:   `the includes of a file bring too much`,
		Detail:    `All includes of a file together, those inside included files too, may be 20,000 and bring 200,000 values and 4 MiB of text; what is included twice counts twice.`,
		NoExample: needsFiles,
	},
	Entry{
		Code: IncludeEmpty, Rule: "include-empty", Severity: Warning,
		Summary:   `the included file is empty`,
		Detail:    `In a list the include brings no item, elsewhere null.`,
		NoExample: needsFiles,
	},
	Entry{
		Code: IncludeVarUnused, Rule: "include-variable-unused", Severity: Warning,
		Summary:   `the included file does not use a variable that the include gives it`,
		Detail:    "`vars` of an include bind names that templates of that file read: `{{ name }}`. Files that it includes itself do not see them.",
		NoExample: needsFiles,
	},
)
