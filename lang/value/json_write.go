package value

import (
	"math"
	"strconv"
)

// AppendJSON appends v as JSON without white space. The same value gives the
// same bytes everywhere.
//
//   - Objects keep their order. Keys that are no strings become what Python's json
//     makes of them: "true", "null", "1", "0.5"; other types are a TypeError, and
//     two keys with one text a ValueError.
//   - Tuples, sets and ranges are arrays. Floats are their repr, so that 1.0 stays
//     a float; NaN and infinities are a ValueError.
//   - A Decimal is a string with its exact text, a datetime a string in ISO 8601.
//   - Missing and secrets are a TypeError: a secret's handle means nothing to
//     whoever reads the text.
//   - Nesting beyond MaxDepth, a Size beyond MaxEncoded and ints beyond
//     MaxIntDigits are errors.
func AppendJSON(dst []byte, v Value) ([]byte, error) {
	return appendJSON(dst, v, &jsonWriter{})
}

// AppendJSONIndent is AppendJSON with a line per element; each line begins with
// prefix and an indent per level.
func AppendJSONIndent(dst []byte, v Value, prefix, indent string) ([]byte, error) {
	return appendJSON(dst, v, &jsonWriter{lines: true, prefix: prefix, indent: indent})
}

func appendJSON(dst []byte, v Value, w *jsonWriter) ([]byte, error) {
	if err := checkEncodable(v); err != nil {
		return nil, err
	}
	w.dst = dst
	if err := w.value(v, 1); err != nil {
		return nil, err
	}
	return w.dst, nil
}

// checkEncodable bounds what an encoder would write and how deep it would go.
func checkEncodable(v Value) error {
	if d := v.Depth(); d > MaxDepth {
		return limitErrorf("the value nests %d deep; the limit is %d", d, MaxDepth)
	}
	if n := v.Size(); n > MaxEncoded {
		return limitErrorf("the value takes about %d bytes; the limit is %d", n, MaxEncoded)
	}
	return nil
}

type jsonWriter struct {
	dst            []byte
	lines          bool
	prefix, indent string
}

func (w *jsonWriter) newline(depth int) {
	if !w.lines {
		return
	}
	w.dst = append(append(w.dst, '\n'), w.prefix...)
	for range depth {
		w.dst = append(w.dst, w.indent...)
	}
}

func (w *jsonWriter) value(v Value, depth int) error {
	switch v.kind {
	case KindNull:
		w.dst = append(w.dst, "null"...)
	case KindBool:
		w.dst = strconv.AppendBool(w.dst, v.w != 0)
	case KindInt:
		if err := checkDigits(v); err != nil {
			return err
		}
		if v.p == nil {
			w.dst = strconv.AppendInt(w.dst, int64(v.w), 10)
		} else {
			w.dst = v.bigBody().Append(w.dst, 10)
		}
	case KindFloat:
		f := v.float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return valueErrorf("Out of range float values are not JSON compliant: %s", Repr(v))
		}
		w.dst = appendFloat(w.dst, f)
	case KindString:
		w.dst = appendJSONString(w.dst, v.str())
	case KindDecimal:
		w.dst = appendJSONString(w.dst, v.decimal().String())
	case KindDatetime:
		w.dst = appendJSONString(w.dst, v.moment().iso("T"))
	case KindList, KindTuple, KindSet:
		return w.items(v.Items(), depth)
	case KindRange:
		items, err := Iterate(v)
		if err != nil {
			return err
		}
		return w.items(items, depth)
	case KindObject:
		return w.object(v.object(), depth)
	default:
		return typeErrorf("Object of type %s is not JSON serializable", v.kind)
	}
	return nil
}

func (w *jsonWriter) items(items []Value, depth int) error {
	if len(items) == 0 {
		w.dst = append(w.dst, "[]"...)
		return nil
	}
	for i, it := range items {
		w.dst = append(w.dst, "[,"[btoi(i > 0)])
		w.newline(depth)
		if err := w.value(it, depth+1); err != nil {
			return err
		}
	}
	w.newline(depth - 1)
	w.dst = append(w.dst, ']')
	return nil
}

func (w *jsonWriter) object(o *Object, depth int) error {
	if len(o.keys) == 0 {
		w.dst = append(w.dst, "{}"...)
		return nil
	}
	var seen map[string]bool // once a key is no string
	for i, k := range o.keys {
		key, err := jsonKey(k)
		if err != nil {
			return err
		}
		if k.kind != KindString && seen == nil {
			seen = map[string]bool{}
			for _, s := range o.Keys() {
				seen[s] = true
			}
		}
		if k.kind != KindString {
			if seen[key] {
				return valueErrorf("two keys of the object are %s in JSON", quoteForError(key))
			}
			seen[key] = true
		}
		w.dst = append(w.dst, "{,"[btoi(i > 0)])
		w.newline(depth)
		w.dst = append(appendJSONString(w.dst, key), ':')
		if w.lines {
			w.dst = append(w.dst, ' ')
		}
		if err := w.value(o.vals[i], depth+1); err != nil {
			return err
		}
	}
	w.newline(depth - 1)
	w.dst = append(w.dst, '}')
	return nil
}

func jsonKey(k Value) (string, error) {
	switch k.kind {
	case KindString:
		return k.str(), nil
	case KindNull:
		return "null", nil
	case KindBool:
		return strconv.FormatBool(k.w != 0), nil
	case KindInt:
		if err := checkDigits(k); err != nil {
			return "", err
		}
		return Repr(k), nil
	case KindFloat:
		if f := k.float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return "", valueErrorf("Out of range float values are not JSON compliant: %s", Repr(k))
		}
		return Repr(k), nil
	}
	return "", typeErrorf("keys must be str, int, float, bool or None, not %s", k.TypeName())
}

func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = appendHex(append(dst, `\u`...), rune(c), 4)
		}
	}
	return append(append(dst, s[from:]...), '"')
}
