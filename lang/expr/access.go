package expr

import (
	"hexdag.dev/hexdag/lang/value"
)

// attr is v.name. found is false where there is no such thing, which is null in
// expressions and an error in templates.
func attr(v value.Value, name string) (out value.Value, found bool) {
	switch v.Kind() {
	case value.KindObject:
		o, _ := v.Object()
		return o.Get(name)
	case value.KindDatetime:
		return datetimeField(v, name)
	case value.KindTuple:
		// the groups of `groupby`
		if items := v.Items(); len(items) == 2 {
			switch name {
			case "grouper":
				return items[0], true
			case "list":
				return items[1], true
			}
		}
	}
	return value.Missing, false
}

func datetimeField(v value.Value, name string) (value.Value, bool) {
	t, _ := v.AsTime()
	switch name {
	case "year":
		return value.Int(int64(t.Year())), true
	case "month":
		return value.Int(int64(t.Month())), true
	case "day":
		return value.Int(int64(t.Day())), true
	case "hour":
		return value.Int(int64(t.Hour())), true
	case "minute":
		return value.Int(int64(t.Minute())), true
	case "second":
		return value.Int(int64(t.Second())), true
	case "microsecond":
		return value.Int(int64(t.Nanosecond() / 1000)), true
	}
	return value.Missing, false
}

// subscript is x[key]. found is false where there is no such item; an error is
// what no subscript can be taken of, or a key that cannot be one.
func subscript(x, key value.Value) (out value.Value, found bool, err error) {
	switch x.Kind() {
	case value.KindObject:
		o, _ := x.Object()
		if s, ok := key.AsString(); ok {
			out, found = o.Get(s)
			return out, found, nil
		}
		if out, found = o.GetKey(key); found {
			return out, true, nil
		}
		if _, err := value.Hash(key); err != nil {
			return value.Missing, false, err
		}
		return value.Missing, false, nil
	case value.KindList, value.KindTuple, value.KindString, value.KindRange:
		i, ok := key.AsInt()
		if b, isBool := key.AsBool(); isBool {
			ok = true
			if b {
				i = 1
			}
		}
		if !ok {
			return value.Missing, false, nil
		}
		n, _ := x.Len()
		if i < 0 {
			i += int64(n)
		}
		if i < 0 || i >= int64(n) {
			return value.Missing, false, nil
		}
		if items := x.Items(); items != nil {
			return items[i], true, nil
		}
		out, err = value.Index(x, value.Int(i))
		return out, err == nil, err
	case value.KindSet:
		return value.Missing, false, typeErrorf("'set' object is not subscriptable")
	}
	return value.Missing, false, nil
}

// slice is x[lo:hi:step]; of null it is null.
func slice(x, lo, hi, step value.Value) (value.Value, error) {
	if x.IsNull() {
		return x, nil
	}
	return value.Slice(x, lo, hi, step)
}

// cursor goes over the items of a value without making a list of them.
type cursor struct {
	items       []value.Value
	object      *value.Object
	text        string
	start, step int64
	i, n        int
	kind        value.Kind
}

func (c *cursor) begin(v value.Value) error {
	*c = cursor{kind: v.Kind()}
	switch c.kind {
	case value.KindList, value.KindTuple, value.KindSet:
		c.items = v.Items()
		c.n = len(c.items)
	case value.KindObject:
		c.object, _ = v.Object()
		c.n = c.object.Len()
	case value.KindString:
		c.text, _ = v.AsString()
		c.n, _ = v.Len()
	case value.KindRange:
		c.start, _, c.step, _ = v.AsRange()
		c.n, _ = v.Len()
	default:
		return typeErrorf("'%s' object is not iterable", v.Kind())
	}
	return nil
}

// next is the next item; ok is false at the end.
func (c *cursor) next() (v value.Value, ok bool) {
	if c.i >= c.n {
		return value.Missing, false
	}
	i := c.i
	c.i++
	switch c.kind {
	case value.KindObject:
		v, _ = c.object.At(i)
	case value.KindString:
		n := 1
		for n < len(c.text) && c.text[n]&0xC0 == 0x80 {
			n++
		}
		v = value.String(c.text[:n])
		c.text = c.text[n:]
	case value.KindRange:
		v = value.Int(c.start + int64(i)*c.step)
	default:
		v = c.items[i]
	}
	return v, true
}

// items lists what a loop over v sees, and pays for it. The slice may be shared.
func (fr *frame) items(v value.Value, at Node) ([]value.Value, error) {
	switch v.Kind() {
	case value.KindList, value.KindTuple, value.KindSet:
		list := v.Items()
		if err := fr.spend(int64(len(list)), at); err != nil {
			return nil, err
		}
		return list, nil
	}
	if n, ok := v.Len(); ok {
		if err := fr.spend(int64(n), at); err != nil {
			return nil, err
		}
		if err := fr.made(24*int64(n), at); err != nil {
			return nil, err
		}
	}
	return value.Iterate(v)
}
