package ir

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/value"
)

// ShowJSON is p as indented JSON for people and scripts: what `hexc ir show`
// prints. JSONSchema describes it. Nodes are named instead of numbered, places
// lead to files, durations are in seconds, types are JSON Schemas, references to
// secrets are written as in a manifest. Keys have a fixed order.
func ShowJSON(p *Program) []byte {
	out, err := value.AppendJSONIndent(nil, Show(p), "", "  ")
	if err != nil {
		// Only values of the manifest could have no JSON, and show replaced them.
		panic("ir: " + err.Error())
	}
	return append(out, '\n')
}

// Show is ShowJSON as a value.
func Show(p *Program) value.Value {
	s := shower{p: p}
	return s.program()
}

type shower struct {
	p *Program
	// scope are the bodies around what is shown, outermost first; nodes the nodes.
	scope []*Body
	nodes []*Node
}

// object collects the fields of one JSON object in order.
type object struct{ o *value.Object }

func newObject() object                            { return object{value.NewObject(8)} }
func (o object) set(key string, v value.Value)     { o.o.Set(key, v) }
func (o object) str(key, s string)                 { o.o.Set(key, value.String(s)) }
func (o object) value() value.Value                { return o.o.Value() }
func listOf(items []value.Value) value.Value       { return value.List(items) }
func shownInt[T ~int | ~int64](i T) value.Value    { return value.Int(int64(i)) }
func shownSeconds(nanoseconds int64) value.Value   { return seconds(nanoseconds) }
func (o object) strs(key string, strings []string) { o.o.Set(key, stringList(strings)) }

func stringList(list []string) value.Value {
	items := make([]value.Value, len(list))
	for i, s := range list {
		items[i] = value.String(s)
	}
	return value.List(items)
}

// seconds is a duration as manifests write numbers: an int when it is whole.
func seconds(nanoseconds int64) value.Value {
	if nanoseconds%1e9 == 0 {
		return value.Int(nanoseconds / 1e9)
	}
	return value.Float(float64(nanoseconds) / 1e9)
}

func (s *shower) program() value.Value {
	p, o := s.p, newObject()
	o.set("ir_version", shownInt(p.Version))
	o.str("hash", FullHash(p))
	o.str("semantic_hash", SemanticHash(p))
	o.str("kind", p.Kind)
	o.str("name", p.Name)
	if p.Kind == KindSystem {
		s.system(o)
	} else {
		o.set("nodes", s.body(&p.Body))
	}
	o.set("effective", s.effective(&p.Effective))
	o.strs("files", p.Files)
	s.common(o)
	return o.value()
}

// content is what a pipeline of a System has.
func (s *shower) content(o object) {
	o.str("name", s.p.Name)
	o.set("nodes", s.body(&s.p.Body))
	s.common(o)
}

// common is what a program has in any place.
func (s *shower) common(o object) {
	p := s.p
	o.set("origin", s.place(&p.Origin))
	s.rest(o, reflect.ValueOf(p).Elem(), "Version", "Kind", "Name", "Body", "Effective", "Files", "Origin", "Output", "Pipelines", "Pipes", "Init", "Lifecycle")
	output := newObject()
	for i := range p.Output {
		f := &p.Output[i]
		field := newObject()
		field.str("node", s.nodeName(&p.Body, f.Node))
		field.strs("path", f.Path)
		field.set("origin", s.place(&f.At))
		output.set(f.Name, field.value())
	}
	o.set("output", output.value())
}

func (s *shower) effective(e *Effective) value.Value {
	o := newObject()
	o.set("limits", s.settings(e.Limits))
	caps := newObject()
	caps.set("unrestricted", value.Bool(e.Caps.Unrestricted))
	caps.strs("allow", e.Caps.Allow)
	caps.strs("deny", e.Caps.Deny)
	caps.set("from", s.sources(e.Caps.From, false))
	o.set("caps", caps.value())
	o.set("kernel", s.settings(e.Kernel))
	if len(e.Logging) > 0 {
		o.set("logging", s.settings(e.Logging))
	}
	if !e.Settings.IsNull() {
		o.set("settings", plain(e.Settings))
	}
	return o.value()
}

func (s *shower) settings(list []Setting) value.Value {
	o := newObject()
	for i := range list {
		x := &list[i]
		timed := isDuration(x.Name)
		field := newObject()
		field.set("value", shownSetting(x.Value, timed))
		field.set("from", s.sources(x.From, timed))
		o.set(x.Name, field.value())
	}
	return o.value()
}

func isDuration(setting string) bool {
	switch setting {
	case DefaultNodeTimeout, PipelineTimeout, Retention, MaxDuration:
		return true
	}
	return false
}

func shownSetting(v value.Value, timed bool) value.Value {
	if ns, ok := v.AsInt(); ok && timed {
		return seconds(ns)
	}
	return plain(v)
}

// plain replaces what JSON has no form for.
func plain(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindSecret:
		return value.String(secretText(v))
	case value.KindDecimal:
		if f, err := value.ToFloat(v); err == nil {
			return f
		}
		return value.String(value.Str(v))
	case value.KindFloat:
		if f, _ := v.AsFloat(); f-f != 0 {
			return value.String(value.Str(v))
		}
	case value.KindList, value.KindTuple, value.KindSet:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = plain(item)
		}
		return value.List(items)
	case value.KindObject:
		in, _ := v.Object()
		out := value.NewObject(in.Len())
		for i := range in.Len() {
			key, item := in.At(i)
			out.Set(value.Str(key), plain(item))
		}
		return out.Value()
	case value.KindMissing:
		return value.Null
	}
	return v
}

func (s *shower) sources(list []Source, timed bool) value.Value {
	items := make([]value.Value, len(list))
	for i := range list {
		x, o := &list[i], newObject()
		s.fileLine(o, &x.At)
		o.str("layer", x.Layer)
		o.str("note", x.Note)
		o.set("value", shownSetting(x.Value, timed))
		items[i] = o.value()
	}
	return listOf(items)
}

// fileLine sets "file" and "line", both null where there is no place.
func (s *shower) fileLine(o object, at *Place) {
	if at.File < 0 || at.File >= len(s.p.Files) {
		o.set("file", value.Null)
		o.set("line", value.Null)
		return
	}
	o.str("file", s.p.Files[at.File])
	o.set("line", shownInt(at.Line))
}

func (s *shower) place(at *Place) value.Value {
	o := newObject()
	s.fileLine(o, at)
	o.set("column", shownInt(at.Column))
	o.set("offset", shownInt(at.Offset))
	o.set("end_line", shownInt(at.EndLine))
	o.set("end_column", shownInt(at.EndCol))
	o.set("end_offset", shownInt(at.EndOff))
	via := make([]value.Value, len(at.Via))
	for i := range at.Via {
		via[i] = s.place(&at.Via[i])
	}
	o.set("via", listOf(via))
	return o.value()
}

func (s *shower) nodeName(b *Body, index int) string {
	if index < 0 || index >= len(b.Nodes) {
		return ""
	}
	return b.Nodes[index].Name
}

func (s *shower) body(b *Body) value.Value {
	s.scope = append(s.scope, b)
	defer func() { s.scope = s.scope[:len(s.scope)-1] }()
	items := make([]value.Value, len(b.Nodes))
	for i := range b.Nodes {
		items[i] = s.node(b, &b.Nodes[i])
	}
	return listOf(items)
}

func (s *shower) node(b *Body, n *Node) value.Value {
	s.nodes = append(s.nodes, n)
	defer func() { s.nodes = s.nodes[:len(s.nodes)-1] }()
	o := newObject()
	o.str("name", n.Name)
	o.str("kind", n.Kind)
	o.str("id", n.ID)
	o.set("dependencies", s.dependencies(b, n))
	o.set("when", value.Null)
	if n.When != nil {
		o.str("when", n.When.Text)
		o.set("when_reads", s.slots(n.When.Slots))
	}
	o.set("origin", s.place(&n.Origin))
	if n.Single >= 0 {
		o.str("bare_names_from", s.nodeName(b, n.Single))
	}
	routes := make([]value.Value, len(n.Routes))
	for i, r := range n.Routes {
		route := newObject()
		route.str("router", s.nodeName(b, r.Router))
		route.str("target", r.Target)
		routes[i] = route.value()
	}
	o.set("routes", listOf(routes))
	if n.Mapped {
		o.set("input_mapping", s.bindings(n.Mapping))
	}
	o.set("strict_mapping", value.Bool(n.Strict))
	o.set("timeout", shownSeconds(n.Timeout))
	o.set("retry_delay", shownSeconds(n.RetryDelay))
	o.set("retry_max_delay", shownSeconds(n.RetryMax))
	s.rest(o, reflect.ValueOf(n).Elem(), "ID", "Name", "Kind", "Origin", "Edges", "Single", "When",
		"Routes", "Mapping", "Mapped", "Strict", "RetryDelay", "RetryMax", "Timeout")
	return o.value()
}

func (s *shower) dependencies(b *Body, n *Node) value.Value {
	deps := make([]value.Value, len(n.Edges))
	for i := range n.Edges {
		e, dep := &n.Edges[i], newObject()
		dep.str("node", s.nodeName(b, e.Node))
		why := e.Class.String()
		if len(e.Why) > 0 {
			why = e.Why[0]
		}
		dep.str("why", why)
		dep.strs("reasons", e.Why)
		dep.str("class", e.Class.String())
		reads := make([]value.Value, len(e.Reads))
		for j := range e.Reads {
			reads[j] = s.place(&e.Reads[j])
		}
		dep.set("reads", listOf(reads))
		deps[i] = dep.value()
	}
	return listOf(deps)
}

func (s *shower) bindings(list []Binding) value.Value {
	o := newObject()
	for i := range list {
		o.set(list[i].Name, s.expr(&list[i].Expr))
	}
	return o.value()
}

func (s *shower) expr(e *Expr) value.Value {
	o := newObject()
	o.str("mode", e.Mode.String())
	switch e.Mode {
	case ModeConst:
		o.set("value", plain(e.Const))
	case ModeList:
		items := make([]value.Value, len(e.Items))
		for i := range e.Items {
			items[i] = s.expr(&e.Items[i])
		}
		o.set("items", listOf(items))
	case ModeObject:
		fields := newObject()
		for i, k := range e.Keys {
			fields.set(k, s.expr(&e.Items[i]))
		}
		o.set("fields", fields.value())
	default:
		o.str("text", e.Text)
		o.set("reads", s.slots(e.Slots))
	}
	o.set("origin", s.place(&e.At))
	return o.value()
}

func (s *shower) slots(list []Slot) value.Value {
	items := make([]value.Value, len(list))
	for i := range list {
		x, o := &list[i], newObject()
		head := x.Head
		if x.Namespace {
			head = "$" + head
		}
		o.str("name", head)
		o.str("from", x.Kind.String())
		o.set("scopes_outward", shownInt(x.Up))
		switch x.Kind {
		case SlotNode:
			if d := len(s.scope) - 1 - x.Up; d >= 0 {
				o.str("node", s.nodeName(s.scope[d], x.Index))
			}
		case SlotTarget, SlotVar:
			o.set("index", shownInt(x.Index))
		}
		if x.Whole {
			o.set("whole_result", value.True)
		}
		items[i] = o.value()
	}
	return listOf(items)
}

// encodedTypes are the fields that hold an encoded type.
var encodedTypes = map[string]bool{
	"Program.InputSchema": true, "Program.OutputSchema": true, "Node.Result": true, "LLM.Schema": true,
	"Function.Input": true, "Function.Output": true,
	"Agent.Schema": true, "Call.Output": true, "Wait.Output": true,
}

// durationFields are the fields in nanoseconds that rest shows in seconds.
var durationFields = map[string]bool{
	"Middleware.Timeout": true, "RetryLayer.Delay": true, "RetryLayer.MaxDelay": true,
	"RateLimitLayer.Per": true, "CacheLayer.TTL": true, "CircuitBreakerLayer.Recovery": true,
}

// rest sets the remaining fields of a struct under their encoded names, in the
// order of their declaration, so that a new field is shown without being named
// here. Absent pointers and lists are left out.
func (s *shower) rest(o object, v reflect.Value, done ...string) {
	t := v.Type()
fields:
	for i := range t.NumField() {
		f := t.Field(i)
		for _, name := range done {
			if name == f.Name {
				continue fields
			}
		}
		fv := v.Field(i)
		if (fv.Kind() == reflect.Pointer || fv.Kind() == reflect.Slice) && fv.IsNil() || f.Name == "Shared" && fv.IsZero() {
			continue
		}
		key := snakeCase(f.Name)
		switch {
		case encodedTypes[t.Name()+"."+f.Name]:
			o.set(key, shownType(fv.Bytes()))
		case durationFields[t.Name()+"."+f.Name]:
			o.set(key, shownSeconds(fv.Int()))
		case f.Type == placeType:
			o.set("origin", s.place(fv.Addr().Interface().(*Place)))
		default:
			o.set(key, s.any(fv))
		}
	}
}

func (s *shower) any(v reflect.Value) value.Value {
	if name, ok := v.Interface().(fmt.Stringer); ok && v.Kind() != reflect.Struct {
		return value.String(name.String())
	}
	switch v.Kind() {
	case reflect.Bool:
		return value.Bool(v.Bool())
	case reflect.Int, reflect.Int64:
		return value.Int(v.Int())
	case reflect.Uint8:
		return value.Int(int64(v.Uint()))
	case reflect.Float64:
		return plain(value.Float(v.Float()))
	case reflect.String:
		return value.String(v.String())
	case reflect.Pointer:
		return s.any(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return value.String(base64.StdEncoding.EncodeToString(v.Bytes()))
		}
		switch list := v.Interface().(type) {
		case []Binding:
			return s.bindings(list)
		case []Source:
			return s.sources(list, false)
		}
		items := make([]value.Value, v.Len())
		for i := range items {
			items[i] = s.any(v.Index(i))
		}
		return value.List(items)
	case reflect.Struct:
		switch x := v.Addr().Interface().(type) {
		case *value.Value:
			return plain(*x)
		case *Place:
			return s.place(x)
		case *Expr:
			return s.expr(x)
		case *Body:
			return s.body(x)
		case *Composite:
			if x.Mode == ModeMacro {
				return s.macro(x)
			}
		}
		o := newObject()
		s.rest(o, v)
		return o.value()
	}
	panic("ir: " + strconv.Quote(v.Type().String()) + " cannot be shown")
}

// shownType is an encoded type as a JSON Schema; null for one that cannot be
// read, which Verify reports.
func shownType(encoded []byte) value.Value {
	t, err := expr.DecodeType(encoded)
	if err != nil {
		return value.Null
	}
	return plain(t.ToJSONSchema())
}

// secretText is a handle as a manifest would write it.
func secretText(v value.Value) string {
	var b strings.Builder
	parts, _ := v.SecretParts()
	for _, p := range parts {
		if p.Text != "" {
			b.WriteString(strings.ReplaceAll(p.Text, "${", "$${"))
		} else {
			b.WriteString("${secret:" + p.Secret + "}")
		}
	}
	return b.String()
}
