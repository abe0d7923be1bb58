package diag

// Secrets in expressions and templates.
const (
	// SecretInText: a secret stands in a text that the run reads or gives to a model.
	SecretInText Code = "HX0430"
)

var codes04secrets = register(
	Entry{
		Code: SecretInText, Rule: "secret-in-text", Severity: Error,
		Summary: `a secret stands in a text that the run reads or gives to a model`,
		Detail:  `A secret is a reference that a port resolves when it is called; its text is never in the run, its journal or its events. A prompt would hand it to a model and its provider, the key of a wait or the name of a state would have to be compared, so the node would fail. Put it into the configuration of a port, into a field of an ` + "`" + `api_call_node` + "`" + `, alone or within other text, or give it to a function by its ` + "`" + `input_mapping` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
  nodes:
    - kind: llm_node
      metadata:
        name: hello
      spec:
        human_message: My key is ${SERVICE_API_KEY}
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    api_call:
      adapter: http_client
      config:
        base_url: https://api.example.com
  nodes:
    - kind: api_call_node
      metadata:
        name: hello
      spec:
        method: GET
        url: /hello
        headers:
          Authorization: Bearer ${SERVICE_API_KEY}
`,
	},
)
