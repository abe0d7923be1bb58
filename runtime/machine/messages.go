package machine

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/value"
)

// renderMessages renders a prompt behind out.
func (m *Machine) renderMessages(f *frame, out []Message, specs []messageSpec) ([]Message, *Failure) {
	for i := range specs {
		spec := &specs[i]
		if spec.list {
			v, fail := spec.parts[0].eval(f)
			if fail != nil {
				return nil, fail
			}
			var fault string
			if out, fault = appendMessages(out, v); fault != "" {
				return nil, &Failure{
					Code: diag.RunConversation, Class: ClassInvalidInput, Definite: true, Place: spec.parts[0].src.At,
					Message: "the conversation cannot be sent: " + fault,
					Help:    "give a list of {role, content} objects",
				}
			}
			continue
		}
		var text strings.Builder
		for _, part := range spec.parts {
			s, fail := part.text(f)
			if fail != nil {
				return nil, fail
			}
			text.WriteString(s)
		}
		out = append(out, Message{Role: spec.role, Content: text.String()})
	}
	return out, nil
}

// appendMessages adds the messages that a value stands for: a list of them, one,
// a text of the user, or null for none. fault is what is wrong with it.
func appendMessages(out []Message, v value.Value) (list []Message, fault string) {
	if s, ok := v.AsString(); ok {
		return append(out, Message{Role: "user", Content: s}), ""
	}
	if v.IsNull() {
		return out, ""
	}
	items := v.Items()
	if o, ok := v.Object(); ok {
		items = []value.Value{o.Value()}
	} else if v.Kind() != value.KindList && v.Kind() != value.KindTuple {
		return out, "it is " + article(v)
	}
	for i, item := range items {
		o, ok := item.Object()
		if !ok {
			return out, fmt.Sprintf("message %d is %s", i+1, article(item))
		}
		r, _ := o.Get("role")
		role, ok := r.AsString()
		switch role {
		case "human":
			role = "user"
		case "ai":
			role = "assistant"
		case "system", "user", "assistant", "tool":
		default:
			ok = false
		}
		if !ok {
			return out, fmt.Sprintf("message %d has the role %s", i+1, value.Repr(r))
		}
		content, ok := o.Get("content")
		if !ok {
			return out, fmt.Sprintf("message %d has no content", i+1)
		}
		if content.IsNull() {
			continue
		}
		out = append(out, Message{Role: role, Content: answerText(content)})
	}
	return out, ""
}
