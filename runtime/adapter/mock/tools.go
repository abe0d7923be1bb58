package mock

import (
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// ToolCalling is true: a script can have tool calls, and a text in the form of
// the text protocol is understood as well.
func (m *Model) ToolCalling() bool { return true }

// toolAnswer reads an answer {tool_calls: [{name, arguments}], content: TEXT}; ok
// is false for any other answer.
func toolAnswer(v value.Value) (a answer, ok bool) {
	o, isObject := v.Object()
	if !isObject {
		return a, false
	}
	calls, ok := o.Get("tool_calls")
	if !ok || calls.Kind() != value.KindList {
		return a, false
	}
	for _, key := range o.Keys() {
		if key != "tool_calls" && key != "content" {
			return a, false
		}
	}
	if content, ok := o.Get("content"); ok && !content.IsNull() {
		a.text = toAnswer(content).text
	}
	for _, item := range calls.Items() {
		x, isObject := item.Object()
		if !isObject {
			return answer{}, false
		}
		name, _ := x.Get("name")
		call := port.ToolCall{}
		if call.Name, isObject = name.AsString(); !isObject {
			return answer{}, false
		}
		if id, ok := x.Get("id"); ok {
			call.ID = value.Str(id)
		}
		call.Arguments, _ = x.Get("arguments")
		if call.Arguments.IsMissing() {
			call.Arguments = value.NewObject(0).Value()
		}
		a.calls = append(a.calls, call)
	}
	return a, true
}

// full is an answer with tool calls as JSON, for requests that offer no tools.
func (a answer) full() string {
	var calls []value.Value
	for _, c := range a.calls {
		x := value.NewObject(2)
		x.Set("name", value.String(c.Name))
		x.Set("arguments", c.Arguments)
		calls = append(calls, x.Value())
	}
	o := value.NewObject(2)
	o.Set("tool_calls", value.List(calls))
	o.Set("content", value.String(a.text))
	return jsonText(o.Value())
}
