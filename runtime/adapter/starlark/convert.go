package starlark

import (
	"errors"
	"fmt"
	"math/big"

	"go.starlark.net/starlark"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// encode is v as a Starlark value that shares nothing mutable with it.
func encode(v value.Value) (starlark.Value, error) {
	switch v.Kind() {
	case value.KindNull:
		return starlark.None, nil
	case value.KindBool:
		b, _ := v.AsBool()
		return starlark.Bool(b), nil
	case value.KindInt:
		if i, ok := v.AsInt(); ok {
			return starlark.MakeInt64(i), nil
		}
		i, _ := v.AsBig()
		return starlark.MakeBigInt(new(big.Int).Set(i)), nil
	case value.KindFloat:
		f, _ := v.AsFloat()
		return starlark.Float(f), nil
	case value.KindDecimal:
		f, err := value.ToFloat(v)
		if err != nil {
			return nil, port.Errorf(port.ClassInvalidInput, "the decimal %s has no float: %s", value.Str(v), err)
		}
		x, _ := f.AsFloat()
		return starlark.Float(x), nil
	case value.KindString:
		s, _ := v.AsString()
		return starlark.String(s), nil
	case value.KindDatetime:
		return starlark.String(value.Str(v)), nil
	case value.KindList:
		items, err := encodeAll(v.Items())
		return starlark.NewList(items), err
	case value.KindTuple:
		items, err := encodeAll(v.Items())
		return starlark.Tuple(items), err
	case value.KindRange:
		list, err := value.Iterate(v)
		if err != nil {
			return nil, port.Errorf(port.ClassInvalidInput, "%s", err)
		}
		items, err := encodeAll(list)
		return starlark.NewList(items), err
	case value.KindSet:
		set := starlark.NewSet(len(v.Items()))
		for _, item := range v.Items() {
			x, err := encode(item)
			if err == nil {
				err = set.Insert(x)
			}
			if err != nil {
				return nil, asInputError(err)
			}
		}
		return set, nil
	case value.KindObject:
		obj, _ := v.Object()
		dict := starlark.NewDict(obj.Len())
		for i := range obj.Len() {
			k, item := obj.At(i)
			key, err := encode(k)
			if err != nil {
				return nil, err
			}
			x, err := encode(item)
			if err == nil {
				err = dict.SetKey(key, x)
			}
			if err != nil {
				return nil, asInputError(err)
			}
		}
		return dict, nil
	}
	return nil, port.Errorf(port.ClassInvalidInput, "the input holds a %s, which Starlark has no form for", v.TypeName())
}

func asInputError(err error) error {
	var e *port.Error
	if errors.As(err, &e) {
		return e
	}
	return port.Errorf(port.ClassInvalidInput, "%s", err)
}

func encodeAll(items []value.Value) ([]starlark.Value, error) {
	out := make([]starlark.Value, len(items))
	for i, item := range items {
		x, err := encode(item)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

// maxDepth bounds the nesting of results; deeper ones most likely contain
// themselves.
const maxDepth = 500

// maxParts bounds the number of parts of a result: with more it could not be kept
// in a journal.
const maxParts = 2_000_000

// decoder copies a result. left bounds the number of its parts, for results that
// share parts so that a copy is far larger.
type decoder struct{ left int64 }

func (d *decoder) decode(v starlark.Value, depth int) (value.Value, error) {
	if d.left--; d.left < 0 {
		return value.Null, fmt.Errorf("has more than %d parts", maxParts)
	}
	if depth > maxDepth {
		return value.Null, fmt.Errorf("is nested more than %d levels deep, or contains itself", maxDepth)
	}
	switch v := v.(type) {
	case starlark.NoneType:
		return value.Null, nil
	case starlark.Bool:
		return value.Bool(bool(v)), nil
	case starlark.Int:
		if i, ok := v.Int64(); ok {
			return value.Int(i), nil
		}
		i := v.BigInt()
		if i.BitLen() > value.MaxIntBits {
			return value.Null, fmt.Errorf("holds an integer of %d bits, more than %d", i.BitLen(), value.MaxIntBits)
		}
		return value.BigInt(i), nil
	case starlark.Float:
		return value.Float(float64(v)), nil
	case starlark.String:
		if len(v) > value.MaxStringBytes {
			return value.Null, fmt.Errorf("holds a text of %d bytes, more than %d", len(v), value.MaxStringBytes)
		}
		return value.String(string(v)), nil
	case *starlark.List:
		items, err := d.sequence(v, depth)
		return value.List(items), err
	case starlark.Tuple:
		items, err := d.sequence(v, depth)
		return value.Tuple(items), err
	case *starlark.Set:
		items, err := d.sequence(v, depth)
		if err != nil {
			return value.Null, err
		}
		return value.Set(items)
	case *starlark.Dict:
		return d.dict(v, depth)
	case starlark.Bytes:
		return value.Null, errors.New("holds bytes, which are no data for a pipeline; make text of them")
	case starlark.Iterable: // range, dict.keys() and their like
		items, err := d.sequence(v, depth)
		return value.List(items), err
	}
	return value.Null, fmt.Errorf("holds a %s, which is no data", v.Type())
}

func (d *decoder) sequence(v starlark.Iterable, depth int) ([]value.Value, error) {
	n := max(0, starlark.Len(v))
	if int64(n) > d.left {
		return nil, fmt.Errorf("has more than %d parts", maxParts)
	}
	items := make([]value.Value, 0, n)
	it := v.Iterate()
	defer it.Done()
	var x starlark.Value
	for it.Next(&x) {
		item, err := d.decode(x, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func (d *decoder) dict(v *starlark.Dict, depth int) (value.Value, error) {
	obj := value.NewObject(v.Len())
	it := v.Iterate()
	defer it.Done()
	var k starlark.Value
	for it.Next(&k) {
		item, _, err := v.Get(k)
		if err != nil {
			return value.Null, err
		}
		key, err := d.decode(k, depth+1)
		if err != nil {
			return value.Null, err
		}
		x, err := d.decode(item, depth+1)
		if err != nil {
			return value.Null, err
		}
		if err := obj.SetKey(key, x); err != nil {
			return value.Null, fmt.Errorf("has a key that cannot be one: %w", err)
		}
	}
	return obj.Value(), nil
}
