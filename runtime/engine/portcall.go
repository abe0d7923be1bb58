package engine

import (
	"time"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/machine"
	"hexdag.dev/hexdag/runtime/port"
)

// portCall publishes a call of a language model, without secrets in it.
func (r *run) portCall(f *flight, o *machine.Outcome, resp *port.LLMResponse, took time.Duration) {
	if r.Bus.Empty() {
		return
	}
	d := fields{value.NewObject(10)}
	d.text("port_type", "llm")
	d.text("port", f.call.Port)
	d.text("method", "aresponse")
	d.text("node_name", f.call.Node)
	d.number("attempt", int64(f.cmd.Try))
	d.millis("duration_ms", int64(took))
	messages := make([]value.Value, len(f.cmd.LLM.Messages))
	for i, m := range f.cmd.LLM.Messages {
		x := fields{value.NewObject(2)}
		x.text("role", m.Role)
		x.text("content", r.Secrets.RedactText(m.Content))
		messages[i] = x.Value()
	}
	d.Set("messages", value.List(messages))
	usage := fields{value.NewObject(3)}
	usage.number("input_tokens", o.Usage.InputTokens)
	usage.number("output_tokens", o.Usage.OutputTokens)
	usage.number("total_tokens", o.Usage.InputTokens+o.Usage.OutputTokens)
	d.Set("usage", usage.Value())
	if resp != nil {
		d.text("model", resp.Model)
		d.text("finish_reason", resp.FinishReason)
		if resp.IsObject {
			d.Set("response", r.Secrets.Redact(resp.Structured))
		} else {
			d.text("response", r.Secrets.RedactText(resp.Text))
		}
	}
	if o.Failure != nil {
		d.text("error", r.Secrets.RedactText(o.Failure.Message))
	}
	r.tell(f, event.LLMPortCall, d.Object)
}
