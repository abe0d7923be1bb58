package diag

import "strings"

// HX01xx: faults of the file and of its YAML.
const (
	InvalidUTF8         Code = "HX0101"
	ControlCharacter    Code = "HX0102"
	TabIndentation      Code = "HX0103"
	UnclosedQuote       Code = "HX0104"
	UnclosedBracket     Code = "HX0105"
	StrayBracket        Code = "HX0106"
	MissingComma        Code = "HX0107"
	MissingSpace        Code = "HX0108"
	BadIndentation      Code = "HX0109"
	NestedMapping       Code = "HX0110"
	DuplicateKey        Code = "HX0111"
	UnknownAnchor       Code = "HX0112"
	BadEscape           Code = "HX0113"
	BadBlockHeader      Code = "HX0114"
	MissingColon        Code = "HX0115"
	UnquotedTemplate    Code = "HX0116"
	UnexpectedText      Code = "HX0117"
	BadDocumentMarker   Code = "HX0118"
	UnknownDirective    Code = "HX0119"
	BadDirective        Code = "HX0120"
	RecursiveAlias      Code = "HX0121"
	BadMerge            Code = "HX0122"
	ReservedCharacter   Code = "HX0123"
	BadProperty         Code = "HX0124"
	TagMismatch         Code = "HX0125"
	MissingValue        Code = "HX0126"
	MisplacedCollection Code = "HX0127"
	CommentSpace        Code = "HX0128"
	MultiLineKey        Code = "HX0129"

	FileTooLarge   Code = "HX0190"
	TooDeep        Code = "HX0191"
	AliasExpansion Code = "HX0192"
	TooManyKeys    Code = "HX0193"
	TooManyNodes   Code = "HX0194"
	NumberTooLong  Code = "HX0195"
	TooManyFaults  Code = "HX0199"
)

// sourceExample is a pipeline of one node, with lines in the node's spec.
func sourceExample(lines ...string) string {
	return `kind: Pipeline
metadata:
  name: greeting
spec:
  nodes:
    - kind: llm_node
      metadata:
        name: greet
      spec:
        ` + strings.Join(lines, "\n        ") + "\n"
}

// sourceData is a pipeline whose first node has data of the given lines.
func sourceData(lines ...string) string {
	return `kind: Pipeline
metadata:
  name: greeting
spec:
  nodes:
    - kind: data_node
      metadata:
        name: defaults
      spec:
        output:
          ` + strings.Join(lines, "\n          ") + "\n"
}

// codes01 is a function, not a variable, because its examples are put together:
// a program that reports nothing must not do that when it starts.
func codes01() []Entry {
	return register(
		Entry{
			Code: InvalidUTF8, Rule: "invalid-utf8", Severity: Error,
			Summary: "the file holds bytes that are not UTF-8",
			Detail:  "Manifests are UTF-8 text. Bytes of another encoding (Latin-1, Windows-1252, UTF-16) have no defined meaning.\n\nSave the file as UTF-8, or write the character as an escape in a double-quoted string: `\"caf\\u00e9\"`.",
			Bad:     sourceExample("prompt_template: \"caf\xe9 for {{ name }}\""),
			Good:    sourceExample("prompt_template: \"café for {{ name }}\""),
		},
		Entry{
			Code: ControlCharacter, Rule: "control-character", Severity: Error,
			Summary: "the file holds a control character",
			Detail:  "NUL, backspace, escape and other control characters may not stand in a manifest; editors hide them, and terminals obey them.\n\nRemove the character, or write it as an escape in a double-quoted string: `\"\\x1b\"`.",
			Bad:     sourceExample("prompt_template: \"Hello\x07 {{ name }}\""),
			Good:    sourceExample("prompt_template: \"Hello\\a {{ name }}\""),
		},
		Entry{
			Code: TabIndentation, Rule: "tab-indentation", Severity: Error,
			Summary: "a tab is used for indentation",
			Detail:  "YAML indents with spaces only, because a tab has no agreed width. Tabs may stand inside texts, and between a value and a comment.\n\nReplace the tab with spaces; the fix takes the width with which the line agrees with the lines around it.",
			Bad:     "kind: Pipeline\nmetadata:\n\tname: greeting\nspec:\n  nodes: []\n",
			Good:    "kind: Pipeline\nmetadata:\n  name: greeting\nspec:\n  nodes: []\n",
		},
		Entry{
			Code: UnclosedQuote, Rule: "unclosed-quote", Severity: Error,
			Summary: "a quote is not closed",
			Detail:  "The quoted text does not end before the file, the document or the value's indentation does. What looks like the next line of the manifest is read as such and not as part of the text.\n\nClose the quote.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}", "model: gpt-4o"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "model: gpt-4o"),
		},
		Entry{
			Code: UnclosedBracket, Rule: "unclosed-bracket", Severity: Error,
			Summary: "a bracket or brace is not closed",
			Detail:  "`[` needs a `]` and `{` a `}` before the value's indentation ends.\n\nClose the bracket behind its last entry.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"", "dependencies: [", "  fetch, parse", "model: gpt-4o"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "dependencies: [", "]", "model: gpt-4o"),
		},
		Entry{
			Code: StrayBracket, Rule: "stray-bracket", Severity: Error,
			Summary: "a closing bracket or brace closes nothing, or the wrong kind",
			Detail:  "`]` closes `[`, and `}` closes `{`.\n\nRemove the bracket, replace it with the right kind, or quote the text if it belongs to a text.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"", "dependencies: []]"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "dependencies: []"),
		},
		Entry{
			Code: MissingComma, Rule: "missing-comma", Severity: Error,
			Summary: "a comma is missing between two entries inside brackets",
			Detail:  "The entries of `[…]` and `{…}` are separated by commas, also when they stand on lines of their own.",
			Bad:     sourceData("sizes: {", "  small: \"1\"", "  large: \"2\"", "}"),
			Good:    sourceData("sizes: {", "  small: \"1\",", "  large: \"2\"", "}"),
		},
		Entry{
			Code: MissingSpace, Rule: "missing-space", Severity: Error,
			Summary: "a blank is missing behind `:` or `-`",
			Detail:  "`key:value` is one word to YAML, and so is `-value`. In a place where only `key: value` or `- value` can stand, the blank is reported as missing.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"", "model:gpt-4o"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "model: gpt-4o"),
		},
		Entry{
			Code: BadIndentation, Rule: "bad-indentation", Severity: Error,
			Summary: "a line stands at a column that belongs to nothing",
			Detail:  "The entries of one mapping or sequence stand at one column. A line between two levels, or further right than its neighbours without a reason, could belong to several places.\n\nIndent it like the entries that it belongs to. Until then it counts as an entry of the nearest collection.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"", "  model: gpt-4o"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "model: gpt-4o"),
		},
		Entry{
			Code: NestedMapping, Rule: "nested-mapping", Severity: Error,
			Summary: "a second `: ` on the line of a key (mapping values are not allowed here)",
			Detail:  "In `a: b: c` it is unclear what the second colon is. If it belongs to the text, quote the text; if it starts an inner mapping, put that on a line of its own. Until then the whole text counts as the value.",
			Bad:     sourceExample("prompt_template: Answer this: {{ question }}"),
			Good:    sourceExample("prompt_template: \"Answer this: {{ question }}\""),
		},
		Entry{
			Code: DuplicateKey, Rule: "duplicate-key", Severity: Error,
			Summary: "a mapping has the same key twice",
			Detail:  "Only one of the two values can be meant, and different tools pick different ones. Keys are compared by value: `name` and `\"name\"` are the same, `1` and `\"1\"` are not.\n\nRemove or rename one. Until then the first one counts.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"", "model: gpt-4o", "model: gpt-4o-mini"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "model: gpt-4o"),
		},
		Entry{
			Code: UnknownAnchor, Rule: "unknown-anchor", Severity: Error,
			Summary: "an alias names an anchor that does not exist",
			Detail:  "`*name` repeats the value that carries `&name` earlier in the same document. Anchors do not reach over a `---`.\n\nDefine the anchor, correct the name, or quote the text if it is meant to start with `*`.",
			Bad:     sourceData("first: &text hello", "second: *texts"),
			Good:    sourceData("first: &text hello", "second: *text"),
		},
		Entry{
			Code: BadEscape, Rule: "bad-escape", Severity: Error,
			Summary: "a double-quoted text has an escape that does not exist",
			Detail:  "In double quotes a backslash starts an escape: `\\n`, `\\t`, `\\\"`, `\\\\`, `\\x41`, `\\u00e9`, `\\U0001f600` and a few more.\n\nDouble the backslash, or use single quotes, in which it has no meaning: regular expressions and Windows paths belong there.",
			Bad:     sourceData("pattern: \"\\d+\""),
			Good:    sourceData("pattern: '\\d+'"),
		},
		Entry{
			Code: BadBlockHeader, Rule: "bad-block-header", Severity: Error,
			Summary: "something stands behind `|` or `>` that does not belong there",
			Detail:  "Behind `|` and `>` may stand `-` or `+` (what becomes of the line breaks at the end) and a digit from 1 to 9 (the indentation), then a comment. The text starts on the next line.",
			Bad:     sourceExample("prompt_template: | Hello", "  {{ name }}"),
			Good:    sourceExample("prompt_template: |", "  Hello", "  {{ name }}"),
		},
		Entry{
			Code: MissingColon, Rule: "missing-colon", Severity: Error,
			Summary: "a line among the entries of a mapping has no `:`",
			Detail:  "Every entry of a mapping is `key: value`. A line without a colon is read as a key without a value; nothing further is reported about it.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"", "model"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "model: gpt-4o"),
		},
		Entry{
			Code: UnquotedTemplate, Rule: "unquoted-template", Severity: Error,
			Summary: "an unquoted value starts with `{{` or `{%`",
			Detail:  "To YAML, `{{ name }}` is a mapping whose key is a mapping, since `{` opens one. A value that starts with a template needs quotes around the whole value.\n\nUse double quotes, or single quotes where the template contains double ones: `'{{ x | default(\"-\") }}'`.",
			Bad:     sourceExample("prompt_template: {{ name }}"),
			Good:    sourceExample("prompt_template: \"{{ name }}\""),
		},
		Entry{
			Code: UnexpectedText, Rule: "unexpected-text", Severity: Error,
			Summary: "text stands behind a value that is complete",
			Detail:  "After a quoted text or a closing bracket the value is complete; so it is after a comment. What follows on the line, or further right on the lines below, belongs to nothing and is not read.\n\nQuote the whole value, use a block scalar (`|`) for a text of several lines, or remove the text.",
			Bad:     sourceExample("prompt_template: \"Hello\" {{ name }}"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\""),
		},
		Entry{
			Code: BadDocumentMarker, Rule: "bad-document-marker", Severity: Error,
			Summary: "text stands on the line of a `...`",
			Detail:  "`...` ends a document; only a comment may follow on its line.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"") + "... end\n",
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"") + "... # end\n",
		},
		Entry{
			Code: UnknownDirective, Rule: "unknown-directive", Severity: Warning,
			Summary: "a directive is not known and is ignored",
			Detail:  "Lines that start with `%` before a `---` are directives; there are `%YAML 1.2` and `%TAG`. Others have no effect, and a version other than 1.2 is read as 1.2.",
			Bad:     "%INDENT 2\n---\n" + sourceExample("prompt_template: \"Hello {{ name }}\""),
			Good:    "%YAML 1.2\n---\n" + sourceExample("prompt_template: \"Hello {{ name }}\""),
		},
		Entry{
			Code: BadDirective, Rule: "bad-directive", Severity: Error,
			Summary: "a directive is malformed, stands twice or has no document",
			Detail:  "`%YAML 1.2` and `%TAG !handle! prefix` stand once each before the `---` of the document that they are for.",
			Bad:     "%YAML 1.2\n%YAML 1.2\n---\n" + sourceExample("prompt_template: \"Hello {{ name }}\""),
			Good:    "%YAML 1.2\n---\n" + sourceExample("prompt_template: \"Hello {{ name }}\""),
		},
		Entry{
			Code: RecursiveAlias, Rule: "recursive-alias", Severity: Error,
			Summary: "an alias stands inside the value that it names",
			Detail:  "A value that contains itself has no end. Put the anchor on the part that is meant.",
			Bad:     sourceData("tree: &tree", "  child: *tree"),
			Good:    sourceData("leaf: &leaf", "  size: \"1\"", "tree:", "  child: *leaf"),
		},
		Entry{
			Code: BadMerge, Rule: "bad-merge", Severity: Error,
			Summary: "the value of `<<` is not a mapping",
			Detail:  "`<<: *anchor` adds the entries of a mapping that the mapping does not have itself; a list of mappings is allowed too, the first one wins.\n\nPut the anchor on a mapping, or quote the key (`\"<<\"`) if it is meant literally.",
			Bad:     sourceData("<<: text", "name: x"),
			Good:    sourceData("base: &base {size: \"1\"}", "derived:", "  <<: *base", "  name: x"),
		},
		Entry{
			Code: ReservedCharacter, Rule: "reserved-character", Severity: Error,
			Summary: "an unquoted text starts with a character that YAML reserves",
			Detail:  "``@ ` % , | > & * ! # ? : -`` and brackets have, or may get, a meaning of their own at the start of a text. Quote the text.",
			Bad:     sourceData("owner: @alice"),
			Good:    sourceData("owner: \"@alice\""),
		},
		Entry{
			Code: BadProperty, Rule: "bad-property", Severity: Error,
			Summary: "a tag or anchor is malformed or can't stand here",
			Detail:  "A value has at most one tag (`!name`) and one anchor (`&name`), each followed by a blank. An alias has neither. A tag such as `!e!name` needs a `%TAG !e! prefix` before the document.",
			Bad:     sourceData("first: &a &b hello"),
			Good:    sourceData("first: &a hello"),
		},
		Entry{
			Code: TagMismatch, Rule: "tag-mismatch", Severity: Error,
			Summary: "a value does not fit its explicit type",
			Detail:  "`!!int`, `!!float`, `!!bool` and `!!null` state a value's type; the text has to be written as one of that type.",
			Bad:     sourceData("size: !!int large"),
			Good:    sourceData("size: !!int 12"),
		},
		Entry{
			Code: MissingValue, Rule: "missing-value", Severity: Error,
			Summary: "nothing stands before a comma inside brackets",
			Detail:  "One comma separates two entries. A comma behind the last entry is allowed, a comma before the first one or two in a row are not.",
			Bad:     sourceData("names: [ann,, bob]"),
			Good:    sourceData("names: [ann, bob]"),
		},
		Entry{
			Code: MisplacedCollection, Rule: "misplaced-collection", Severity: Error,
			Summary: "a sequence or mapping starts, or an entry stands, where it can't",
			Detail:  "A block sequence starts on a line of its own below its key, and all its entries start with `- ` at one column. Inside brackets there are no `- ` entries.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"", "dependencies: - fetch"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\"", "dependencies: []"),
		},
		Entry{
			Code: CommentSpace, Rule: "comment-space", Severity: Warning,
			Summary: "a comment has no blank before its `#`",
			Detail:  "A `#` starts a comment only at the start of a line or behind a blank, so that texts may contain it. Behind a quoted text or a bracket some parsers read a comment all the same, others refuse the file.",
			Bad:     sourceExample("prompt_template: \"Hello {{ name }}\"# the greeting"),
			Good:    sourceExample("prompt_template: \"Hello {{ name }}\" # the greeting"),
		},
		Entry{
			Code: MultiLineKey, Rule: "multi-line-key", Severity: Error,
			Summary: "a key goes over several lines",
			Detail:  "A key and its colon stand on one line. Write the key on one line, or in the long form, `? key` and `: value` on lines of their own.",
			Bad:     sourceData("\"a long", "  key\": text"),
			Good:    sourceData("\"a long key\": text"),
		},
		Entry{
			Code: FileTooLarge, Rule: "file-too-large", Severity: Error,
			Summary:   "a file is larger than the budget for one file",
			Detail:    "A manifest of more than 8 MiB is almost certainly data. Move the data to a file that the pipeline reads, or split the manifest.",
			NoExample: "the example would have 8 MiB",
		},
		Entry{
			Code: TooDeep, Rule: "too-deep", Severity: Error,
			Summary:   "collections nest deeper than the budget",
			Detail:    "Mappings and sequences may nest 1,000 deep. Reading stops at the first that is deeper.",
			NoExample: "the example would have 1,000 levels",
		},
		Entry{
			Code: AliasExpansion, Rule: "alias-expansion", Severity: Error,
			Summary: "aliases stand for more values than the budget allows",
			Detail:  "Aliases of values that contain aliases multiply: nine levels of nine aliases each are 387 million values. All aliases of a file together may stand for 50,000 values; further ones have no value.",
			Bad: sourceData(
				"a: &a [x, x, x, x, x, x, x, x, x, x]",
				"b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]",
				"c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]",
				"d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]",
				"e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]"),
			Good: sourceData(
				"a: &a [x, x, x, x, x, x, x, x, x, x]",
				"b: [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]"),
		},
		Entry{
			Code: TooManyKeys, Rule: "too-many-keys", Severity: Error,
			Summary:   "a mapping has more entries than the budget allows",
			Detail:    "A mapping may have 250,000 entries. Reading stops behind them.",
			NoExample: "the example would have 250,000 lines",
		},
		Entry{
			Code: TooManyNodes, Rule: "too-many-values", Severity: Error,
			Summary:   "a file has more values than the budget allows",
			Detail:    "A file may have 1,000,000 values, keys included. Reading stops behind them.",
			NoExample: "the example would have a million values",
		},
		Entry{
			Code: NumberTooLong, Rule: "number-too-long", Severity: Error,
			Summary:   "an integer has more digits than the budget allows",
			Detail:    "An integer may have 4,300 digits, as in Python. A longer one is read as a string; quote it if it is meant as one.",
			NoExample: "the example would have 4,300 digits",
		},
		Entry{
			Code: TooManyFaults, Rule: "too-many-faults", Severity: Error,
			Summary:   "a file has more faults than are shown",
			Detail:    "After 200 faults of its YAML no more are listed for one file. The file is probably no manifest.",
			NoExample: "the example would have 200 faults",
		},
	)
}
