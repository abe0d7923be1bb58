package diag

// Structure: what the schema says about keys and values.
const (
	UnknownField      Code = "HX0201"
	MissingField      Code = "HX0202"
	WrongType         Code = "HX0203"
	BadChoice         Code = "HX0204"
	OutOfRange        Code = "HX0205"
	BadDuration       Code = "HX0206"
	ConflictingFields Code = "HX0207"
	MissingChoice     Code = "HX0208"
	UnknownKind       Code = "HX0209"
	MissingKind       Code = "HX0210"
	UnknownNodeKind   Code = "HX0211"
	HistoricalKind    Code = "HX0212"
	MisplacedField    Code = "HX0213"
	RemovedField      Code = "HX0214"
	NullValue         Code = "HX0215"
	NoEffect          Code = "HX0216"
	YAMLBool          Code = "HX0217"
	YAMLDrift         Code = "HX0218"
	BadFormat         Code = "HX0219"
	UnknownTag        Code = "HX0220"
	NotAManifest      Code = "HX0221"
	UnknownMetadata   Code = "HX0222"
	EmptySection      Code = "HX0223"
	TooFewItems       Code = "HX0224"
	UnknownVersion    Code = "HX0225"
	BadKey            Code = "HX0226"
)

// pipelineHead starts the examples that are about nodes.
const pipelineHead = "kind: Pipeline\nmetadata: {name: demo}\nspec:\n"

// echoNode is a node that needs nothing.
const echoNode = `  nodes:
    - kind: expression_node
      metadata: {name: total}
      spec:
        expressions: {amount: 1 + 2}
`

var codes02 = register(
	Entry{
		Code: UnknownField, Rule: "unknown-field", Severity: Error,
		Summary: "a key that the schema does not have here",
		Detail: "Every mapping of a built-in kind is closed: a key that nothing reads would be a setting that silently has no effect. " +
			"Correct the spelling, move the key to where it belongs, or give it a name that starts with `x-` if it is for another tool.",
		Bad:  pipelineHead + "  kernal: {max_concurrent_nodes: 4}\n" + echoNode,
		Good: pipelineHead + "  kernel: {max_concurrent_nodes: 4}\n" + echoNode,
	},
	Entry{
		Code: MissingField, Rule: "missing-field", Severity: Error,
		Summary: "a required field is not there",
		Detail:  "The field has no default, so the mapping means nothing without it. The help line shows how it looks.",
		Bad:     pipelineHead + "  nodes:\n    - kind: function_node\n      metadata: {name: clean}\n      spec: {}\n",
		Good:    pipelineHead + "  nodes:\n    - kind: function_node\n      metadata: {name: clean}\n      spec: {fn: myapp.text.clean}\n",
	},
	Entry{
		Code: WrongType, Rule: "wrong-type", Severity: Error,
		Summary: "a value of the wrong type",
		Detail:  "The message says what was found and what is wanted. Where the correction is mechanical, such as quoting a number or removing quotes, there is a fix.",
		Bad:     pipelineHead + "  limits: {max_llm_calls: many}\n" + echoNode,
		Good:    pipelineHead + "  limits: {max_llm_calls: 30}\n" + echoNode,
	},
	Entry{
		Code: BadChoice, Rule: "bad-choice", Severity: Error,
		Summary: "a text that is not one of the allowed ones",
		Detail:  "The field takes one of a few words; the message lists them.",
		Bad:     pipelineHead + "  limits: {max_llm_calls: 3, on_limit: stop}\n" + echoNode,
		Good:    pipelineHead + "  limits: {max_llm_calls: 3, on_limit: raise}\n" + echoNode,
	},
	Entry{
		Code: OutOfRange, Rule: "out-of-range", Severity: Error,
		Summary: "a number outside of what the field allows",
		Detail:  "The message says which numbers are allowed.",
		Bad:     pipelineHead + "  kernel: {max_concurrent_nodes: 0}\n" + echoNode,
		Good:    pipelineHead + "  kernel: {max_concurrent_nodes: 1}\n" + echoNode,
	},
	Entry{
		Code: BadDuration, Rule: "bad-duration", Severity: Error,
		Summary: "a text that is no duration",
		Detail:  "A duration is a number of seconds, or text with units: `30s`, `5m`, `1d12h`, `500ms`. Units are `ms`, `s`, `m`, `h`, `d`, `w`.",
		Bad:     pipelineHead + "  kernel: {pipeline_timeout: ten minutes}\n" + echoNode,
		Good:    pipelineHead + "  kernel: {pipeline_timeout: 10m}\n" + echoNode,
	},
	Entry{
		Code: ConflictingFields, Rule: "conflicting-fields", Severity: Error,
		Summary: "fields that exclude each other, or one field in two spellings",
		Detail:  "Only one of them could be used, and which one would be a guess. Remove the other.",
		Bad:     pipelineHead + "  kernel: {max_concurrent_nodes: 4}\n  orchestrator: {max_concurrent_nodes: 8}\n" + echoNode,
		Good:    pipelineHead + "  kernel: {max_concurrent_nodes: 4}\n" + echoNode,
	},
	Entry{
		Code: MissingChoice, Rule: "missing-choice", Severity: Error,
		Summary: "none of several fields is there, of which one is needed",
		Detail:  "The message lists the fields; give one of them.",
		Bad:     pipelineHead + "  nodes:\n    - kind: expression_node\n      metadata: {name: total}\n      spec: {output_fields: [sum]}\n",
		Good:    pipelineHead + "  nodes:\n    - kind: expression_node\n      metadata: {name: total}\n      spec: {expressions: {amount: 1 + 2}}\n",
	},
	Entry{
		Code: UnknownKind, Rule: "unknown-kind", Severity: Error,
		Summary: "a `kind` that no manifest has",
		Detail:  "The kinds of documents are Pipeline, System, Macro, Config, Adapter, Policy, Middleware and Test.",
		Bad:     "kind: Pipelin\nmetadata: {name: demo}\nspec:\n" + echoNode,
		Good:    pipelineHead + echoNode,
	},
	Entry{
		Code: MissingKind, Rule: "missing-kind", Severity: Error,
		Summary: "a manifest without `kind`",
		Detail:  "`kind` says what a document is. Without it a file can only be a fragment for `!include`, and this one looks like a manifest.",
		Bad:     "metadata: {name: demo}\nspec:\n" + echoNode,
		Good:    pipelineHead + echoNode,
	},
	Entry{
		Code: UnknownNodeKind, Rule: "unknown-node-kind", Severity: Error,
		Summary: "a node of a kind that does not exist",
		Detail: "A node's `kind` is a built-in one (`hexc schema` lists them), the name of a macro, an alias of `spec.aliases`, or the dotted path of an external node. " +
			"A path under `hexdag.` must be one that the language knows.",
		Bad:  pipelineHead + "  nodes:\n    - kind: expresion_node\n      metadata: {name: total}\n      spec: {expressions: {amount: 1 + 2}}\n",
		Good: pipelineHead + echoNode,
	},
	Entry{
		Code: HistoricalKind, Rule: "historical-kind", Severity: Error,
		Summary: "a node kind of a former version",
		Detail:  "The message says what does the same today. Where a mechanical rewrite is possible, there is a fix.",
		Bad: pipelineHead + "  nodes:\n    - kind: conditional_node\n      metadata: {name: route}\n      spec:\n        branches:\n" +
			"          - {condition: $input.score > 3, action: high}\n        else_action: low\n",
		Good: pipelineHead + "  nodes:\n    - kind: composite_node\n      metadata: {name: route}\n      spec:\n        mode: switch\n        branches:\n" +
			"          - {condition: $input.score > 3, action: high}\n        else_action: low\n",
	},
	Entry{
		Code: MisplacedField, Rule: "misplaced-field", Severity: Error,
		Summary: "a field at the wrong level, or under a name that has no effect",
		Detail:  "The key exists, but not here: it belongs into `spec`, into `metadata`, or one level up. Python hexDAG ignores some of these silently, so the manifest did not do what it says.",
		Bad:     pipelineHead + "  nodes:\n    - kind: expression_node\n      metadata: {name: total}\n      when: $input.go\n      spec: {expressions: {amount: 1 + 2}}\n",
		Good:    pipelineHead + "  nodes:\n    - kind: expression_node\n      metadata: {name: total}\n      spec: {when: $input.go, expressions: {amount: 1 + 2}}\n",
	},
	Entry{
		Code: RemovedField, Rule: "removed-field", Severity: Error,
		Summary: "a field that the language no longer has",
		Detail:  "The message says what to do instead.",
		Bad:     pipelineHead + "  common_field_mappings: {}\n" + echoNode,
		Good:    pipelineHead + echoNode,
	},
	Entry{
		Code: NullValue, Rule: "null-value", Severity: Error,
		Summary: "null, or nothing at all, where a value must stand",
		Detail: "A required field needs a value. For limits and capabilities null is an error too, since it could mean \"unlimited\" as well as \"none\". " +
			"Elsewhere a null resets the field to its default.",
		Bad:  pipelineHead + "  limits: {max_llm_calls: null}\n" + echoNode,
		Good: pipelineHead + "  limits: {max_llm_calls: 30}\n" + echoNode,
	},
	Entry{
		Code: NoEffect, Rule: "no-effect", Severity: Warning,
		Summary: "a field that is accepted and changes nothing",
		Detail:  "Either the language never reads the field, and accepts it for manifests of the Python hexDAG, or it has no effect together with what stands beside it.",
		Bad:     pipelineHead + "  environments: {dev: {}}\n" + echoNode,
		Good:    pipelineHead + echoNode,
	},
	Entry{
		Code: YAMLBool, Rule: "yaml-boolean", Severity: Warning,
		Summary: "`yes`, `no`, `on` or `off` for a truth value",
		Detail:  "In YAML 1.2 these are texts; in YAML 1.1, which the Python hexDAG reads, truth values. Here they are taken for truth values; `true` and `false` mean the same everywhere.",
		Bad:     pipelineHead + echoNode + "        critical: yes\n",
		Good:    pipelineHead + echoNode + "        critical: true\n",
	},
	Entry{
		Code: YAMLDrift, Rule: "yaml-drift", Severity: Warning,
		Summary: "an unquoted value that YAML 1.1 and YAML 1.2 read differently",
		Detail:  "`010` is eight in YAML 1.1 and ten in YAML 1.2, `12:30` a number of seconds or a text, `2024-01-01` a date or a text. The value of YAML 1.2 is taken. Quote it if it is a text, or write the number that is meant.",
		Bad:     pipelineHead + "  variables: {start: 12:30}\n" + echoNode,
		Good:    pipelineHead + "  variables: {start: \"12:30\"}\n" + echoNode,
	},
	Entry{
		Code: BadFormat, Rule: "bad-format", Severity: Error,
		Summary: "a text in the wrong form",
		Detail:  "The field's text follows a pattern, such as that of capabilities (`tool:web_search`) or of points in time (`2026-01-31T12:00:00Z`).",
		Bad:     pipelineHead + "  caps: [\"llm calls\"]\n" + echoNode,
		Good:    pipelineHead + "  caps: [llm]\n" + echoNode,
	},
	Entry{
		Code: UnknownTag, Rule: "unknown-tag", Severity: Error,
		Summary: "a YAML tag that the language does not have",
		Detail:  "Tags are `!include` for a part of another file, `!py` and `!star` for code in place of a function, and those of YAML itself (`!!str`).",
		Bad:     pipelineHead + "  variables: {key: !env HOME}\n" + echoNode,
		Good:    pipelineHead + "  variables: {key: \"${HOME}\"}\n" + echoNode,
	},
	Entry{
		Code: NotAManifest, Rule: "not-a-manifest", Severity: Error,
		Summary: "a document that is neither a manifest nor a fragment",
		Detail:  "A manifest is a mapping with `kind`, `metadata` and `spec`; a fragment for `!include` is a list of nodes or a mapping.",
		Bad:     "just a text\n",
		Good:    pipelineHead + echoNode,
	},
	Entry{
		Code: UnknownMetadata, Rule: "unknown-metadata", Severity: Warning,
		Summary: "a key of `metadata` that nothing reads",
		Detail:  "Data for other tools belongs into `metadata.annotations`, or under a name that starts with `x-`.",
		Bad:     "kind: Pipeline\nmetadata: {name: demo, team: red}\nspec:\n" + echoNode,
		Good:    "kind: Pipeline\nmetadata: {name: demo, annotations: {team: red}}\nspec:\n" + echoNode,
	},
	Entry{
		Code: EmptySection, Rule: "empty-value", Severity: Warning,
		Summary: "a key with nothing behind it",
		Detail:  "It counts as if it were not there. Remove the key, or write what is meant: `[]`, `{}`, `\"\"` or `null`.",
		Bad:     pipelineHead + "  ports:\n" + echoNode,
		Good:    pipelineHead + echoNode,
	},
	Entry{
		Code: TooFewItems, Rule: "too-few-items", Severity: Error,
		Summary: "a list that must not be empty",
		Detail:  "A pool without adapters, a switch without branches or a stack without layers means nothing.",
		Bad:     pipelineHead + "  ports: {llm: {adapters: []}}\n" + echoNode,
		Good:    pipelineHead + "  ports: {llm: {adapters: [{adapter: mock_llm}]}}\n" + echoNode,
	},
	Entry{
		Code: UnknownVersion, Rule: "unknown-version", Severity: Warning,
		Summary: "an `apiVersion` that is not known",
		Detail:  "`apiVersion` is optional; `hexdag/v1` and `v1` are known. Others are read as if they were `hexdag/v1`.",
		Bad:     "apiVersion: hexdag/v7\n" + pipelineHead + echoNode,
		Good:    "apiVersion: hexdag/v1\n" + pipelineHead + echoNode,
	},
	Entry{
		Code: BadKey, Rule: "bad-key", Severity: Error,
		Summary: "a key that is not text",
		Detail:  "Keys of manifests are names. A mapping or list as a key is often an unquoted `{{ template }}`.",
		Bad:     pipelineHead + "  variables:\n    ? [a, b]\n    : 1\n" + echoNode,
		Good:    pipelineHead + "  variables:\n    a: 1\n" + echoNode,
	},
)
