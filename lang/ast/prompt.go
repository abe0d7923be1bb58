package ast

import (
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/schema"
)

// Message is one message of a prompt.
type Message struct {
	Role string // system, user, assistant, tool; "" for a List
	Text *Expr
	// More are texts that follow Text in the same message.
	More []*Expr
	// List: Text gives a list of messages.
	List bool
}

// modelSettings are the fields that override an adapter's configuration.
var modelSettings = []string{"model", "temperature", "max_tokens", "top_p", "seed", "stop"}

func (b *builder) overrides(n *Node) map[string]*Expr {
	out := map[string]*Expr{}
	for _, name := range modelSettings {
		if e := b.template(n, n.Spec.Get(name), name); e != nil {
			out[name] = e
		}
	}
	return out
}

func (b *builder) llm(n *Node) {
	l := &LLM{Overrides: b.overrides(n)}
	n.LLM = l
	s := n.Spec
	system := b.template(n, s.Get("system_message"), "system_message")
	examples := b.examples(n, s.Get("examples"), "examples")
	var conversation []Message
	if f := s.Get("conversation"); f != nil && !f.Null && f.OK {
		conversation = b.conversation(n, f.Value)
	}
	prompt := b.prompt(n, s.Get("human_message"), "human_message")
	if system != nil || len(examples) > 0 {
		l.Messages = append(l.Messages, exampleMessage(system, examples))
		for i := range prompt { // the node's own system message wins
			if prompt[i].Role == "system" {
				prompt = append(prompt[:i:i], prompt[i+1:]...)
				break
			}
		}
	} else if len(prompt) > 1 && prompt[0].Role == "system" {
		l.Messages = append(l.Messages, prompt[0])
		prompt = prompt[1:]
	}
	l.Messages = append(append(l.Messages, conversation...), prompt...)
	l.Stream = b.boolean(s.Get("stream"))
	l.Repairs = b.number(s.Get("repair_attempts"))
}

// literal is a constant piece of a message.
func (b *builder) literal(like *Expr, s string) *Expr {
	return &Expr{Mode: Const, Role: RoleText, Field: like.Field, Const: value.String(s), Loc: like.Loc, Node: like.Node}
}

// examples are pairs of texts: what is asked, what is to be answered.
func (b *builder) examples(n *Node, f *shape.Field, name string) [][2]*Expr {
	if f == nil || f.Null {
		return nil
	}
	var out [][2]*Expr
	for _, v := range f.Items {
		if v.Value == nil || v.Value.Kind != syntax.Mapping {
			continue
		}
		in := n.addText(b.source(v.Value.Get("input"), RoleText, name+".input", schema.Template))
		answer := n.addText(b.source(v.Value.Get("output"), RoleText, name+".output", schema.Template))
		if in != nil && answer != nil {
			out = append(out, [2]*Expr{in, answer})
		}
	}
	return out
}

// exampleText is examples as pieces of text, with separator between them.
func (b *builder) exampleText(examples [][2]*Expr, separator string) []*Expr {
	var out []*Expr
	for i, ex := range examples {
		head := "Input: "
		if i > 0 {
			head = separator + head
		}
		out = append(out, b.literal(ex[0], head), ex[0], b.literal(ex[1], "\nOutput: "), ex[1])
	}
	return out
}

// exampleMessage is the system message with the examples of an llm_node.
func exampleMessage(system *Expr, examples [][2]*Expr) Message {
	var b builder
	m := Message{Role: "system", Text: system}
	if len(examples) == 0 {
		return m
	}
	head := "\n\nExamples:\n\n"
	if system == nil {
		head = "Examples:\n\n"
	}
	pieces := append([]*Expr{b.literal(examples[0][0], head)}, b.exampleText(examples, "\n\n")...)
	if system == nil {
		m.Text, pieces = pieces[0], pieces[1:]
	}
	m.More = pieces
	return m
}

// prompt types a prompt: a template, or an object that says how it is built.
func (b *builder) prompt(n *Node, f *shape.Field, name string) []Message {
	if f == nil || f.Null || !f.OK {
		return nil
	}
	return b.promptView(n, &f.View, name)
}

func (b *builder) promptView(n *Node, v *shape.View, name string) []Message {
	if v.Value == nil {
		return nil
	}
	if v.Object == nil {
		text := n.addText(b.source(v.Value, RoleText, name, schema.Template))
		if text == nil {
			return nil
		}
		return []Message{{Role: "user", Text: text}}
	}
	o := v.Object
	kind := b.ident(o.Get("type")).Name
	separator := "\n\n"
	if f := o.Get("example_separator"); f != nil && !f.Null && f.OK {
		if s, ok := b.plain(&f.View); ok {
			separator = s
		}
	}
	examples := b.exampleText(b.examples(n, o.Get("examples"), name+".examples"), separator)
	system := b.template(n, o.Get("system_message"), name+".system_message")
	text := b.template(n, o.Get("template"), name+".template")
	if text == nil {
		text = b.template(n, o.Get("human_message"), name+".human_message")
	}
	if text == nil {
		return nil // reported as missing
	}
	var out []Message
	join := func(role string, examples []*Expr, text *Expr) Message {
		if len(examples) == 0 {
			return Message{Role: role, Text: text}
		}
		m := Message{Role: role, Text: examples[0], More: examples[1:]}
		if text != nil {
			m.More = append(m.More, b.literal(text, separator), text)
		}
		return m
	}
	switch kind {
	case "few_shot":
		if system != nil {
			out = append(out, Message{Role: "system", Text: system})
		}
		return append(out, join("user", examples, text))
	case "chat_few_shot":
		if system != nil || len(examples) > 0 {
			out = append(out, join("system", examples, system))
		}
	default:
		if system != nil {
			out = append(out, Message{Role: "system", Text: system})
		}
	}
	return append(out, Message{Role: "user", Text: text})
}

// conversation types messages between system message and question: a template
// that gives a list of them, literal ones, or blocks of both.
func (b *builder) conversation(n *Node, v *syntax.Node) []Message {
	v = v.Deref()
	if v == nil {
		return nil
	}
	list := func(x *syntax.Node, field string) []Message {
		e := n.addText(b.source(x, RoleText, field, schema.Template))
		if e == nil {
			return nil
		}
		if e.Mode == Const && expr.TypeOf(e.Const).Kind == expr.TypeStr {
			return []Message{{Role: "user", Text: e}}
		}
		return []Message{{Text: e, List: true}}
	}
	if v.Kind != syntax.Sequence {
		return list(v, "conversation")
	}
	var out []Message
	for _, item := range v.Items {
		item = item.Deref()
		if item == nil || item.Kind != syntax.Mapping {
			continue // reported
		}
		role := item.Get("role").Deref()
		if role != nil && role.Kind == syntax.Scalar && expr.IsTemplate(role.Value) {
			out = append(out, list(item, "conversation")...)
			continue
		}
		if role != nil && role.Kind == syntax.Scalar {
			if text := n.addText(b.source(item.Get("content"), RoleText, "conversation.content", schema.Template)); text != nil {
				out = append(out, Message{Role: roleName(role.Value), Text: text})
			}
			continue
		}
		if p := item.Get("prompt"); p != nil {
			if text := n.addText(b.source(p, RoleText, "conversation.prompt", schema.Template)); text != nil {
				out = append(out, Message{Role: "user", Text: text})
			}
		}
		if m := item.Get("messages"); m != nil {
			out = append(out, list(m, "conversation.messages")...)
		}
	}
	return out
}

// roleName is the role under its usual name.
func roleName(r string) string {
	switch r {
	case "human":
		return "user"
	case "ai":
		return "assistant"
	}
	return r
}
