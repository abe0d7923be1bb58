package value

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Decimal is the text of a Decimal in Go data: what ToGo gives and FromGo reads.
type Decimal string

// SecretName is a secret's handle in Go data.
type SecretName string

// Bounds is a range in Go data.
type Bounds struct{ Start, Stop, Step int64 }

// Entry is one entry of an object in Go data, where a Go map would lose the
// order or the types of keys.
type Entry struct {
	Key, Value any
}

// FromGo is Go data as a value: nil, bools, numbers, *big.Int, strings,
// json.Number, time.Time (aware), Decimal, SecretName, Bounds, Value, *Object, []Entry
// (slices in its keys are tuples),
// slices, arrays, and maps with string keys, whose keys are sorted, since Go's
// maps have no order. Pointers and interfaces are followed, up to MaxDepth. What
// else there is, structs above all, goes through its JSON form, which keeps the
// order of fields. Byte slices, functions, channels and invalid Decimals are a
// TypeError or ValueError.
func FromGo(x any) (Value, error) { return fromGo(x, 0) }

func fromGo(x any, depth int) (Value, error) {
	if depth > MaxDepth {
		return Null, limitErrorf("Go data nested deeper than %d", MaxDepth)
	}
	switch x := x.(type) {
	case nil:
		return Null, nil
	case Value:
		return x, nil
	case *Object:
		if x == nil {
			return Null, nil
		}
		return x.Value(), nil
	case bool:
		return Bool(x), nil
	case string:
		return String(x), nil
	case int:
		return Int(int64(x)), nil
	case int64:
		return Int(x), nil
	case float64:
		return Float(x), nil
	case *big.Int:
		if x == nil {
			return Null, nil
		}
		return sizedInt(new(big.Int).Set(x))
	case time.Time:
		if x.Year() < 1 || x.Year() > 9999 {
			return Null, valueErrorf("year %d is out of range", x.Year())
		}
		return AwareDatetime(x), nil
	case Decimal:
		return ParseDecimal(string(x))
	case SecretName:
		return Secret(string(x)), nil
	case Bounds:
		return RangeOf([]Value{Int(x.Start), Int(x.Stop), Int(x.Step)})
	case json.Number:
		v, err := ParseJSON([]byte(x), JSONLimits{})
		if err != nil || !v.isNumber() {
			return Null, valueErrorf("json.Number %s is not a number", quoteForError(string(x)))
		}
		return v, nil
	case []Entry:
		o := NewObject(len(x))
		for _, e := range x {
			k, err := fromGo(e.Key, depth+1)
			if err != nil {
				return Null, err
			}
			v, err := fromGo(e.Value, depth+1)
			if err != nil {
				return Null, err
			}
			if err := o.SetKey(asKey(k), v); err != nil {
				return Null, err
			}
		}
		return o.Value(), nil
	case json.Marshaler:
		return throughJSON(x)
	}
	return fromReflect(reflect.ValueOf(x), depth)
}

// asKey makes tuples of lists: only tuples are keys, and Go has one slice for
// both.
func asKey(k Value) Value {
	if k.kind != KindList && k.kind != KindTuple {
		return k
	}
	items := make([]Value, len(k.Items()))
	for i, it := range k.Items() {
		items[i] = asKey(it)
	}
	return Tuple(items)
}

func fromReflect(r reflect.Value, depth int) (Value, error) {
	switch r.Kind() {
	case reflect.Bool:
		return Bool(r.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Int(r.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return BigInt(new(big.Int).SetUint64(r.Uint())), nil
	case reflect.Float32, reflect.Float64:
		return Float(r.Float()), nil
	case reflect.String:
		return String(r.String()), nil
	case reflect.Pointer, reflect.Interface:
		if r.IsNil() {
			return Null, nil
		}
		return fromGo(r.Elem().Interface(), depth+1)
	case reflect.Slice, reflect.Array:
		if r.Type().Elem().Kind() == reflect.Uint8 {
			return Null, typeErrorf("Go type %s is no value: decide on text or a list first", r.Type())
		}
		if r.Len() > MaxItems {
			return Null, errTooManyItems(uint64(r.Len()))
		}
		items := make([]Value, r.Len())
		for i := range items {
			v, err := fromGo(r.Index(i).Interface(), depth+1)
			if err != nil {
				return Null, err
			}
			items[i] = v
		}
		return List(items), nil
	case reflect.Map:
		if r.Type().Key().Kind() != reflect.String {
			return Null, typeErrorf("Go type %s is no value: keys must be strings, or use []Entry", r.Type())
		}
		keys := r.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		o := NewObject(len(keys))
		for _, k := range keys {
			v, err := fromGo(r.MapIndex(k).Interface(), depth+1)
			if err != nil {
				return Null, err
			}
			o.Set(k.String(), v)
		}
		return o.Value(), nil
	case reflect.Struct:
		return throughJSON(r.Interface())
	}
	return Null, typeErrorf("Go type %s is no value", r.Type())
}

func throughJSON(x any) (Value, error) {
	data, err := json.Marshal(x)
	if err != nil {
		return Null, typeErrorf("Go type %T has no JSON form: %v", x, err)
	}
	return ParseJSON(data, JSONLimits{})
}

// ToGo is v as Go data: nil for None and Missing, bool, int64 or *big.Int,
// float64, string, Decimal, time.Time, SecretName, Bounds, []any for lists, tuples
// and sets, map[string]any for objects. A Go map has no
// order: read v.Object() where order matters. An object with a key that is no
// string is []Entry.
func ToGo(v Value) any {
	switch v.kind {
	case KindBool:
		return v.w != 0
	case KindInt:
		if v.p != nil {
			return new(big.Int).Set(v.bigBody())
		}
		return int64(v.w)
	case KindFloat:
		return v.float()
	case KindDecimal:
		return Decimal(v.decimal().String())
	case KindString:
		return v.str()
	case KindSecret:
		return SecretName(v.str())
	case KindDatetime:
		return v.moment().t
	case KindRange:
		r := v.span()
		return Bounds{r.start, r.stop, r.step}
	case KindList, KindTuple, KindSet:
		items := v.Items()
		out := make([]any, len(items))
		for i, it := range items {
			out[i] = ToGo(it)
		}
		return out
	case KindObject:
		return objectToGo(v.object())
	}
	return nil
}

func objectToGo(o *Object) any {
	out := make(map[string]any, min(o.Len(), math.MaxInt32))
	for i, k := range o.keys {
		if k.kind != KindString {
			entries := make([]Entry, o.Len())
			for i := range entries {
				entries[i] = Entry{ToGo(o.keys[i]), ToGo(o.vals[i])}
			}
			return entries
		}
		out[k.str()] = ToGo(o.vals[i])
	}
	return out
}
