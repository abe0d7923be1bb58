package expr

import (
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// jsonText is Python's json.dumps(v, ensure_ascii=False): a space behind commas
// and colons, objects in their order. With indent ≥ 0 it has line breaks.
func jsonText(v value.Value, indent int) (string, error) {
	w := jsonWriter{indent: indent}
	err := w.value(v, 0)
	return w.b.String(), err
}

type jsonWriter struct {
	b      strings.Builder
	indent int
	buf    []byte
}

func (w *jsonWriter) line(depth int) {
	if w.indent >= 0 {
		w.b.WriteByte('\n')
		for range depth * w.indent {
			w.b.WriteByte(' ')
		}
	}
}

func (w *jsonWriter) comma() {
	w.b.WriteByte(',')
	if w.indent < 0 {
		w.b.WriteByte(' ')
	}
}

func (w *jsonWriter) value(v value.Value, depth int) error {
	switch v.Kind() {
	case value.KindList, value.KindTuple, value.KindSet:
		items := v.Items()
		if len(items) == 0 {
			w.b.WriteString("[]")
			return nil
		}
		w.b.WriteByte('[')
		for i, it := range items {
			if i > 0 {
				w.comma()
			}
			w.line(depth + 1)
			if err := w.value(it, depth+1); err != nil {
				return err
			}
		}
		w.line(depth)
		w.b.WriteByte(']')
		return nil
	case value.KindRange:
		items, err := value.Iterate(v)
		if err != nil {
			return err
		}
		return w.value(value.List(items), depth)
	case value.KindObject:
		o, _ := v.Object()
		if o.Len() == 0 {
			w.b.WriteString("{}")
			return nil
		}
		w.b.WriteByte('{')
		for i := range o.Len() {
			if i > 0 {
				w.comma()
			}
			w.line(depth + 1)
			k, x := o.At(i)
			if err := w.key(k); err != nil {
				return err
			}
			w.b.WriteString(": ")
			if err := w.value(x, depth+1); err != nil {
				return err
			}
		}
		w.line(depth)
		w.b.WriteByte('}')
		return nil
	}
	var err error
	w.buf, err = value.AppendJSON(w.buf[:0], v)
	w.b.Write(w.buf)
	return err
}

// key writes a key as JSON has them: texts; numbers, booleans and null in
// quotes.
func (w *jsonWriter) key(k value.Value) error {
	switch k.Kind() {
	case value.KindString:
		return w.value(k, 0)
	case value.KindInt, value.KindFloat, value.KindBool, value.KindNull:
		var err error
		w.buf, err = value.AppendJSON(w.buf[:0], k)
		if err != nil {
			return err
		}
		w.b.WriteString(`"` + string(w.buf) + `"`)
		return nil
	}
	return typeErrorf("keys must be str, int, float, bool or None, not %s", k.TypeName())
}
