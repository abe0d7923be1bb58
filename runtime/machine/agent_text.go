package machine

import (
	"fmt"
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// The text protocol of agents, for models without tool calling of their own: a
// call stands anywhere in an answer as
//
//	INVOKE_TOOL: name(key='value', n=3)
//	INVOKE_TOOL: {"tool": "name", "params": {"key": "value"}}
//
// Values in the first form are Python or JSON literals, quoted ones always text;
// what is neither is taken as text up to the next comma.

const invokeTool = "INVOKE_TOOL:"

// maxCalls bounds the tool calls of one answer.
const maxCalls = 128

// readTurn reads an answer of an agent's model.
func readTurn(v value.Value, step int, style string) turn {
	o, ok := v.Object()
	if !ok {
		return textTurn(answerText(v), step, style)
	}
	content, hasContent := o.Get("content")
	calls, hasCalls := o.Get("tool_calls")
	if !hasContent && !hasCalls {
		return textTurn(answerText(v), step, style)
	}
	text := ""
	if !content.IsNull() && !content.IsMissing() {
		text = answerText(content)
	}
	t := turn{text: text, native: true}
	for i, item := range calls.Items() {
		x, ok := item.Object()
		if !ok || i >= maxCalls {
			continue
		}
		name, _ := x.Get("name")
		id, _ := x.Get("id")
		args, _ := x.Get("arguments")
		c := turnCall{args: arguments(args)}
		c.name, _ = name.AsString()
		if c.id, _ = id.AsString(); c.id == "" {
			c.id = fmt.Sprintf("call_%d_%d", step+1, i+1)
		}
		if c.name != "" {
			t.calls = append(t.calls, c)
		}
	}
	if len(t.calls) == 0 {
		return textTurn(text, step, style)
	}
	return t
}

// arguments is what a model gave as arguments: an object, perhaps as text.
func arguments(v value.Value) value.Value {
	if s, ok := v.AsString(); ok {
		for _, candidate := range jsonCandidates(s) {
			if parsed, err := value.ParseJSON([]byte(candidate), answerLimits); err == nil {
				v = parsed
				break
			}
		}
	}
	if _, ok := v.Object(); ok {
		return v
	}
	return value.NewObject(0).Value()
}

var answerLimits = value.JSONLimits{MaxBytes: 1 << 20, MaxDepth: 100, ReplaceLoneSurrogates: true}

// textTurn finds the calls in a text.
func textTurn(text string, step int, style string) turn {
	t := turn{text: text}
	rest := text
	for tries := 0; len(t.calls) < maxCalls && tries < 2*maxCalls; tries++ {
		_, after, ok := strings.Cut(rest, invokeTool)
		if !ok {
			break
		}
		rest = strings.TrimLeft(after, " \t\r\n")
		name, args, n, ok := jsonCall(rest)
		if !ok || style == "function_call" {
			if name, args, n, ok = functionCall(rest); ok && style == "json" {
				ok = false
			}
		}
		if !ok {
			continue
		}
		rest = rest[n:]
		t.calls = append(t.calls, turnCall{id: fmt.Sprintf("call_%d_%d", step+1, len(t.calls)+1), name: name, args: args})
	}
	return t
}

// jsonCall reads {"tool": name, "params": {…}} at the start of s; n is its length.
func jsonCall(s string) (name string, args value.Value, n int, ok bool) {
	if !strings.HasPrefix(s, "{") {
		return "", value.Null, 0, false
	}
	text, _ := balanced(s)
	for _, candidate := range []string{text, lenient(text)} {
		v, err := value.ParseJSON([]byte(candidate), answerLimits)
		if err != nil {
			continue
		}
		o, isObject := v.Object()
		if !isObject {
			return "", value.Null, 0, false
		}
		for _, key := range []string{"tool", "name"} {
			if v, found := o.Get(key); found && name == "" {
				name, _ = v.AsString()
			}
		}
		for _, key := range []string{"params", "arguments", "args"} {
			if v, found := o.Get(key); found {
				args = arguments(v)
				break
			}
		}
		if args.IsNull() || args.IsMissing() {
			args = value.NewObject(0).Value()
		}
		return name, args, len(text), name != ""
	}
	return "", value.Null, 0, false
}

// functionCall reads name(key=value, …) at the start of s; n is its length.
func functionCall(s string) (name string, args value.Value, n int, ok bool) {
	i := 0
	for i < len(s) && isNameByte(s[i]) {
		i++
	}
	name = s[:i]
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	if name == "" || i >= len(s) || s[i] != '(' {
		return "", value.Null, 0, false
	}
	i++
	o := value.NewObject(4)
	for {
		i = skipBlanks(s, i)
		if i >= len(s) {
			return name, o.Value(), len(s), true // cut off: take what is there
		}
		switch s[i] {
		case ')':
			return name, o.Value(), i + 1, true
		case ',':
			i++
			continue
		}
		start := i
		for i < len(s) && isNameByte(s[i]) && s[i] != ':' {
			i++
		}
		key := s[start:i]
		i = skipBlanks(s, i)
		if key == "" || i >= len(s) || s[i] != '=' {
			// what has no name cannot be passed on
			i = skipValue(s, start)
			continue
		}
		i = skipBlanks(s, i+1)
		end := skipValue(s, i)
		o.Set(key, literal(strings.TrimSpace(s[i:end])))
		i = end
	}
}

func isNameByte(c byte) bool {
	return c == '_' || c == ':' || c == '.' || c == '-' || c == '/' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}

func skipBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

// skipValue is where the value that starts at i ends: at a comma or a closing
// parenthesis outside of quotes and brackets.
func skipValue(s string, i int) int {
	depth := 0
	for i < len(s) {
		switch c := s[i]; c {
		case '\'', '"':
			// An apostrophe inside of a bare text opens nothing.
			if i > 0 && isNameByte(s[i-1]) && s[i-1] != ':' {
				i++
				continue
			}
			j := i + 1
			for j < len(s) && s[j] != c {
				if s[j] == '\\' {
					j++
				}
				j++
			}
			i = min(j, len(s)-1)
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return len(s)
}

// literal reads a value as Python or JSON writes it; what is neither is text.
func literal(s string) value.Value {
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		return value.String(unquote(s[1 : len(s)-1]))
	}
	switch s {
	case "True", "true":
		return value.True
	case "False", "false":
		return value.Bool(false)
	case "None", "null", "":
		return value.Null
	}
	if v, err := value.ParseJSON([]byte(s), answerLimits); err == nil {
		return v
	}
	if s[0] == '{' || s[0] == '[' {
		if v, err := value.ParseJSON([]byte(pythonToJSON(s)), answerLimits); err == nil {
			return v
		}
	}
	return value.String(s)
}

// unquote removes the backslashes of a quoted text.
func unquote(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// pythonToJSON rewrites a Python literal of lists, mappings, texts and constants.
func pythonToJSON(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\'' || c == '"':
			j := i + 1
			for j < len(s) && s[j] != c {
				if s[j] == '\\' {
					j++
				}
				j++
			}
			j = min(j, len(s))
			text, _ := value.AppendJSON(nil, value.String(unquote(s[i+1:j])))
			b.Write(text)
			i = j + 1
		case isNameByte(c) && (c < '0' || c > '9') && c != '-' && c != '.' && c != ':':
			j := i
			for j < len(s) && isNameByte(s[j]) && s[j] != ':' {
				j++
			}
			switch word := s[i:j]; word {
			case "True":
				b.WriteString("true")
			case "False":
				b.WriteString("false")
			case "None":
				b.WriteString("null")
			default:
				b.WriteString(word)
			}
			i = j
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}
