// Package providers registers the adapters of services: language models, servers
// of tools, and whatever else needs a network library or a provider's SDK.
//
// Input: a registry. Output: the same with the adapters in it. A Go program that
// embeds the runtime and may start some milliseconds later uses it:
//
//	registry := runtime.Builtin()
//	providers.Register(registry)
//
// One that names a single adapter registers that one instead. The command line has
// these adapters in a program of its own, hexc-adapters (see package outboard).
package providers

import (
	"hexdag.dev/hexdag/runtime/adapter/anthropic"
	"hexdag.dev/hexdag/runtime/adapter/httpclient"
	"hexdag.dev/hexdag/runtime/adapter/mcp"
	"hexdag.dev/hexdag/runtime/adapter/notify"
	"hexdag.dev/hexdag/runtime/adapter/ollama"
	"hexdag.dev/hexdag/runtime/adapter/openai"
	"hexdag.dev/hexdag/runtime/adapter/postgres"
	"hexdag.dev/hexdag/runtime/function/web"
	"hexdag.dev/hexdag/runtime/port"
)

// Register adds all adapters of this package, and the function scheme "http", to r.
func Register(r *port.Registry) {
	r.AddAdapter(anthropic.Name, anthropic.New)
	r.AddAdapter(httpclient.Name, httpclient.New)
	r.AddAdapter(mcp.Name, mcp.New)
	r.AddAdapter(ollama.Name, ollama.New)
	r.AddAdapter(openai.Name, openai.New)
	r.AddAdapter(postgres.Name, postgres.New)
	r.AddAdapter(notify.SMTPName, notify.NewSMTP)
	r.AddAdapter(notify.WebhookName, notify.NewWebhook)
	r.AddHost(web.Scheme, web.Host{})
}
