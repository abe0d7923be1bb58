package diag

// How layers of configuration combine: profiles, grants, policies, middleware,
// prices.
const (
	// DeprecatedConfigFile: a Config stands in a TOML file.
	DeprecatedConfigFile Code = "HX0611"
	// UnknownProfile: no layer has a capability profile of this name.
	UnknownProfile Code = "HX0612"
	// CapNotGranted: a listed capability has no effect because a farther layer
	// does not grant it.
	CapNotGranted Code = "HX0613"
	// DefaultCapsReplaced: a list goes beyond the Config's default.
	DefaultCapsReplaced Code = "HX0614"
	// GrantOutside: a grant is not among the allowed capabilities.
	GrantOutside Code = "HX0615"
	// GrantUseless: a grant lifts no denial.
	GrantUseless Code = "HX0616"
	// UnknownPolicy: there is no Policy document of this name.
	UnknownPolicy Code = "HX0617"
	// UnknownPolicyType: there is no such type of policy.
	UnknownPolicyType Code = "HX0618"
	// PolicyTwice: one block has two policies of which only one can hold.
	PolicyTwice Code = "HX0619"
	// PolicyNoEffect: a policy cannot do anything where it is attached.
	PolicyNoEffect Code = "HX0620"
	// UnknownMiddleware: there is no such middleware.
	UnknownMiddleware Code = "HX0621"
	// PriceUnknown: max_cost_usd is set and a model has no price.
	PriceUnknown Code = "HX0622"
	// BadTOML: a TOML file cannot be read.
	BadTOML Code = "HX0623"
	// FieldWithoutEffect: a field does nothing where it stands.
	FieldWithoutEffect Code = "HX0632"
	// OrganisationPolicy: an organisation's policy is violated.
	OrganisationPolicy Code = "HX0630"
	// PolicyFile: an organisation's policy cannot be evaluated.
	PolicyFile Code = "HX0631"
)

// askNode is a node that calls a model.
const askNode = "  nodes:\n    - kind: llm_node\n      metadata: {name: ask}\n      spec: {human_message: Say hello}\n"

var codes06Layers = register(
	Entry{
		Code: DeprecatedConfigFile, Rule: "toml-config", Severity: Warning,
		Summary:   "a Config stands in a TOML file",
		Detail:    "`hexdag.toml` and the table `[tool.hexdag]` of `pyproject.toml` are still read where there is no `hexdag.yaml`. `hexc fix` writes the same as a `hexdag.yaml`, which from then on is read in their place.",
		NoExample: "it is about a file that is no manifest",
	},
	Entry{
		Code: BadTOML, Rule: "invalid-toml", Severity: Error,
		Summary:   "a TOML file that should hold a Config cannot be read",
		Detail:    "The file must be valid TOML 1.0. A `hexdag.yaml` of `kind: Config` beside it is read in its place.",
		NoExample: "it is about a file that is no manifest",
	},
	Entry{
		Code: FieldWithoutEffect, Rule: "field-without-effect", Severity: Warning,
		Summary: "a field does nothing where it stands",
		Detail:  "Every node may have `input_schema`, `output_schema` and `ports`, but not every kind uses them: the runtime enforces the input of functions and the results of functions, models and calls, and a node's own port matters only to a node that calls it. Observers are started by the program that embeds the runtime, not by a manifest.",
		Bad:     pipelineHead + "  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec:\n        output: {x: 1}\n        ports: {llm: {adapter: mock_llm}}\n",
		Good:    pipelineHead + "  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec:\n        output: {x: 1}\n",
	},
	Entry{
		Code: OrganisationPolicy, Rule: "organisation-policy", Severity: Error,
		Summary:   "a constraint of the organisation's own is violated",
		Detail:    "`hexc check --policy ORG.cue` judges manifests and programs by constraints that are not part of the language. The message is the policy's; the related place is where it stands.",
		NoExample: "it depends on a policy of the organisation",
	},
	Entry{
		Code: PolicyFile, Rule: "policy-file", Severity: Error,
		Summary:   "a policy of the organisation cannot be evaluated",
		Detail:    "The CUE of the policy has a fault, or does not fit what it is about. Nothing that it says was judged.",
		NoExample: "it is about a file that is no manifest",
	},
	Entry{
		Code: UnknownProfile, Rule: "unknown-capability-profile", Severity: Error,
		Summary: "no layer has a capability profile of this name",
		Detail:  "`caps: {profile: NAME}` takes `allow` and `deny` from a profile that the same `caps`, the System or a Config declares under `profiles`.",
		Bad:     pipelineHead + "  caps: {profile: readonly, profiles: {read-only: {allow: [datastore.read]}}}\n" + echoNode,
		Good:    pipelineHead + "  caps: {profile: read-only, profiles: {read-only: {allow: [datastore.read]}}}\n" + echoNode,
	},
	Entry{
		Code: CapNotGranted, Rule: "capability-not-granted", Severity: Warning,
		Summary: "a listed capability has no effect: a farther layer does not grant it, or some layer denies it",
		Detail:  "What System, process and Pipeline allow is intersected, and what any layer denies is denied for all: a nearer layer can take capabilities away, never add them.",
		Bad:     pipelineHead + "  caps: {allow: [llm, secret], deny: [secret]}\n" + echoNode,
		Good:    pipelineHead + "  caps: {allow: [llm], deny: [secret]}\n" + echoNode,
	},
	Entry{
		Code: DefaultCapsReplaced, Rule: "default-capabilities-replaced", Severity: Info,
		Summary: "a list of capabilities goes beyond the Config's default",
		Detail:  "A Config's `default_set` holds only where neither System, process nor Pipeline lists capabilities; a list of their own replaces it. What must never be used belongs under `deny`.",
		Bad:     "kind: Config\nspec:\n  caps: {default_set: [llm]}\n---\n" + pipelineHead + "  caps: [llm, http]\n" + echoNode,
		Good:    "kind: Config\nspec:\n  caps: {default_set: [llm, http]}\n---\n" + pipelineHead + "  caps: [llm, http]\n" + echoNode,
	},
	Entry{
		Code: GrantOutside, Rule: "grant-outside-allowed", Severity: Error,
		Summary:   "a grant is not among the allowed capabilities",
		Detail:    "`grant` of a System's process lifts what a Config or the System denies. It allows nothing by itself: the capability must be among those that the layers allow.",
		NoExample: "it needs a System and a Pipeline in two files",
	},
	Entry{
		Code: GrantUseless, Rule: "grant-without-denial", Severity: Warning,
		Summary:   "a grant lifts no denial",
		Detail:    "`grant` names a capability that a Config or the System denies; a part of a denied capability cannot be granted alone.",
		NoExample: "it needs a System and a Pipeline in two files",
	},
	Entry{
		Code: UnknownPolicy, Rule: "unknown-policy", Severity: Error,
		Summary: "there is no Policy document of this name",
		Detail:  "`policies: {SLOT: {ref: NAME}}` names a `kind: Policy` of the same stream, of `spec.imports`, or of the System that the pipeline is a process of.",
		Bad: "kind: Policy\nmetadata: {name: careful}\nspec: {type: retry, config: {max_retries: 2}}\n---\n" +
			pipelineHead + "  policies: {retry: {ref: carefull}}\n" + echoNode,
		Good: "kind: Policy\nmetadata: {name: careful}\nspec: {type: retry, config: {max_retries: 2}}\n---\n" +
			pipelineHead + "  policies: {retry: {ref: careful}}\n" + echoNode,
	},
	Entry{
		Code: UnknownPolicyType, Rule: "unknown-policy-type", Severity: Error,
		Summary: "there is no such type of policy",
		Detail:  "The types are `retry`, `timeout`, `rate_limit`, `resource_limit`, `circuit_breaker` and `cache`.",
		Bad:     pipelineHead + "  policies: {again: {type: rety, config: {max_retries: 2}}}\n" + echoNode,
		Good:    pipelineHead + "  policies: {again: {type: retry, config: {max_retries: 2}}}\n" + echoNode,
	},
	Entry{
		Code: PolicyTwice, Rule: "policy-twice", Severity: Error,
		Summary: "one block has two policies of which only one can hold",
		Detail:  "A call has one retry policy, one time-out, one cache and one circuit breaker. Several rate limits and resource limits may stand side by side: all of them hold.",
		Bad:     pipelineHead + "  policies:\n    a: {type: timeout, config: {timeout: 5s}}\n    b: {type: timeout, config: {timeout: 9s}}\n" + echoNode,
		Good:    pipelineHead + "  policies:\n    a: {type: timeout, config: {timeout: 5s}}\n" + echoNode,
	},
	Entry{
		Code: PolicyNoEffect, Rule: "policy-without-effect", Severity: Warning,
		Summary: "a policy cannot do anything where it is attached",
		Detail:  "Expressions and data have nothing to try again or to wait for; rate limits, caches and circuit breakers stand around calls of ports; a `resource_limit` bounds a run, so it belongs to a Pipeline, process, System or Config.",
		Bad:     pipelineHead + "  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec:\n        output: {x: 1}\n        policies: {slow: {type: rate_limit, config: {requests: 5}}}\n",
		Good:    pipelineHead + "  nodes:\n    - kind: data_node\n      metadata: {name: a}\n      spec:\n        output: {x: 1}\n",
	},
	Entry{
		Code: UnknownMiddleware, Rule: "unknown-middleware", Severity: Error,
		Summary: "there is no such middleware",
		Detail:  "A layer is a built-in middleware (`retry`, `timeout`, `rate_limit`, `cache`, `circuit_breaker`, …) or the dotted path of one that the host registers; a name alone is that of a `kind: Middleware` document.",
		Bad:     pipelineHead + "  ports: {llm: {adapter: mock_llm, middleware: [rety]}}\n" + echoNode,
		Good:    pipelineHead + "  ports: {llm: {adapter: mock_llm, middleware: [retry]}}\n" + echoNode,
	},
	Entry{
		Code: PriceUnknown, Rule: "price-unknown", Severity: Error,
		Summary: "`max_cost_usd` is set, and a model has no price",
		Detail:  "What a call costs comes from the built-in price table and from `prices` of Pipeline, System and Config. A model without a price is never taken for free: its calls would be refused at run time.",
		Bad:     pipelineHead + "  limits: {max_cost_usd: 2}\n  ports: {llm: {adapter: openai, config: {model: our-own-model}}}\n" + askNode,
		Good:    pipelineHead + "  limits: {max_cost_usd: 2}\n  ports: {llm: {adapter: openai, config: {model: our-own-model}}}\n  prices: {our-own-model: {input: 1, output: 4}}\n" + askNode,
	},
)
