package value

import (
	"maps"
	"slices"
)

// Keyword is one name=value argument of a method.
type Keyword struct {
	Name  string
	Value Value
}

// Method is a method of a type: recv.name(args…, kw…). recv is of the kind that
// the method was looked up for. Methods never change recv.
type Method func(recv Value, args []Value, kw []Keyword) (Value, error)

// LookupMethod is the method of that name of values of a kind. Differences from
// Python: keys, values and items are lists, and there is no method that would
// change a value in place.
func LookupMethod(k Kind, name string) (Method, bool) {
	m, ok := methodsOf(k)[name]
	return m, ok
}

// MethodNames is the sorted names of the methods of a kind.
func MethodNames(k Kind) []string {
	return slices.Sorted(maps.Keys(methodsOf(k)))
}

func methodsOf(k Kind) map[string]Method {
	switch k {
	case KindString:
		return stringMethods
	case KindObject:
		return objectMethods
	case KindList:
		return listMethods
	case KindTuple:
		return tupleMethods
	case KindSet:
		return setMethods
	case KindRange:
		return rangeMethods
	case KindDatetime:
		return datetimeMethods
	}
	return nil
}

var objectMethods = map[string]Method{
	"get": func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind("get", args, kw, 1, "key", "default")
		if err != nil {
			return Null, err
		}
		if err := checkHashable(a[0]); err != nil {
			return Null, err
		}
		if x, ok := v.object().GetKey(a[0]); ok {
			return x, nil
		}
		return orNull(a[1]), nil
	},
	"keys": func(v Value, args []Value, kw []Keyword) (Value, error) {
		_, err := bind("keys", args, kw, 0)
		return List(slices.Clip(v.object().keys)), err
	},
	"values": func(v Value, args []Value, kw []Keyword) (Value, error) {
		_, err := bind("values", args, kw, 0)
		return List(slices.Clip(v.object().vals)), err
	},
	"items": func(v Value, args []Value, kw []Keyword) (Value, error) {
		_, err := bind("items", args, kw, 0)
		o := v.object()
		out := make([]Value, o.Len())
		pairs := make([]Value, 2*o.Len())
		for i := range out {
			p := pairs[2*i : 2*i+2 : 2*i+2]
			p[0], p[1] = o.keys[i], o.vals[i]
			out[i] = Tuple(p)
		}
		return List(out), err
	},
	"copy": copyMethod,
}

var listMethods = map[string]Method{"index": indexMethod, "count": countMethod, "copy": copyMethod}

var tupleMethods = map[string]Method{"index": indexMethod, "count": countMethod}

var rangeMethods = map[string]Method{
	"index": func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind("index", args, kw, 1, "value")
		if err != nil {
			return Null, err
		}
		r := v.span()
		if !r.contains(a[0]) {
			return Null, valueErrorf("%s is not in range", reprForError(a[0]))
		}
		x, err := ToInt(a[0], Missing)
		if err != nil {
			return Null, err
		}
		if r.step > 0 {
			return Int(int64((x.w - uint64(r.start)) / magnitude(r.step))), nil
		}
		return Int(int64((uint64(r.start) - x.w) / magnitude(r.step))), nil
	},
	"count": func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind("count", args, kw, 1, "value")
		if err != nil {
			return Null, err
		}
		return Int(int64(btoi(v.span().contains(a[0])))), nil
	},
}

var setMethods = map[string]Method{
	"copy":                 copyMethod,
	"union":                setMethod("union", false, func(a, b *setBody) Value { return merged(a, b).value() }),
	"intersection":         setMethod("intersection", false, func(a, b *setBody) Value { return filtered(a, b, true).value() }),
	"difference":           setMethod("difference", false, func(a, b *setBody) Value { return filtered(a, b, false).value() }),
	"symmetric_difference": setMethod("symmetric_difference", true, func(a, b *setBody) Value { return merged(filtered(a, b, false), filtered(b, a, false)).value() }),
	"issubset":             setMethod("issubset", true, func(a, b *setBody) Value { return Bool(b.hasAll(a)) }),
	"issuperset":           setMethod("issuperset", true, func(a, b *setBody) Value { return Bool(a.hasAll(b)) }),
	"isdisjoint":           setMethod("isdisjoint", true, func(a, b *setBody) Value { return Bool(len(filtered(a, b, true).keys) == 0) }),
}

// setMethod takes any iterables, or exactly one, from left to right.
func setMethod(name string, one bool, f func(a, b *setBody) Value) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		if len(kw) > 0 {
			return Null, typeErrorf("%s() takes no keyword arguments", name)
		}
		if one && len(args) != 1 {
			return Null, typeErrorf("%s() takes exactly one argument (%d given)", name, len(args))
		}
		if len(args) == 0 {
			return v, nil
		}
		for _, arg := range args {
			items, err := Iterate(arg)
			if err != nil {
				return Null, err
			}
			other, err := Set(items)
			if err != nil {
				return Null, err
			}
			v = f(v.setBody(), other.setBody())
		}
		return v, nil
	}
}

func merged(a, b *setBody) *setBody {
	out := newSet(len(a.keys) + len(b.keys))
	for _, s := range [...]*setBody{a, b} {
		for _, k := range s.keys {
			out.add(k)
		}
	}
	return out
}

// filtered is the keys of a that are in b, or that are not.
func filtered(a, b *setBody, in bool) *setBody {
	out := newSet(0)
	for _, k := range a.keys {
		if b.has(k) == in {
			out.add(k)
		}
	}
	return out
}

var datetimeMethods = map[string]Method{
	"isoformat": func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind("isoformat", args, kw, 0, "sep")
		if err != nil {
			return Null, err
		}
		sep := "T"
		if !a[0].IsMissing() {
			if a[0].kind != KindString || a[0].strLen() != 1 {
				return Null, typeErrorf("isoformat() argument 1 must be a unicode character, not %s", a[0].kind)
			}
			sep = a[0].str()
		}
		return String(v.moment().iso(sep)), nil
	},
	"strftime": func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind("strftime", args, kw, 1, "format")
		if err != nil {
			return Null, err
		}
		layout, err := textArg("strftime", a[0])
		if err != nil {
			return Null, err
		}
		s, err := v.moment().strftime(layout)
		return String(s), err
	},
}

// copyMethod needs no copy: values don't change.
func copyMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	_, err := bind("copy", args, kw, 0)
	return v, err
}

func indexMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	a, err := bind("index", args, kw, 1, "value", "start", "stop")
	if err != nil {
		return Null, err
	}
	items := v.sequence().items
	lo, hi, err := searchBounds(a[1], a[2], len(items))
	if err != nil {
		return Null, err
	}
	for i := lo; i < hi; i++ {
		if Equal(items[i], a[0]) {
			return Int(int64(i)), nil
		}
	}
	return Null, valueErrorf("%s is not in %s", reprForError(a[0]), v.kind)
}

func countMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	a, err := bind("count", args, kw, 1, "value")
	if err != nil {
		return Null, err
	}
	n := int64(0)
	for _, it := range v.sequence().items {
		if Equal(it, a[0]) {
			n++
		}
	}
	return Int(n), nil
}

// searchBounds is the part [lo:hi] of n items; hi may be below lo.
func searchBounds(lo, hi Value, n int) (int, int, error) {
	from, err := sliceBound(lo, int64(n), 1, 0)
	if err != nil {
		return 0, 0, err
	}
	// A start beyond the end finds nothing, not even an empty string.
	if i, _ := slicePart(lo, 0); i > int64(n) {
		from = int64(n) + 1
	}
	to, err := sliceBound(hi, int64(n), 1, int64(n))
	return int(from), int(to), err
}

// bind puts arguments in the order of the parameters; those not given are
// Missing. The first required ones must be given. Python takes most of these
// arguments by position only; here a name is always fine.
func bind(name string, args []Value, kw []Keyword, required int, params ...string) ([]Value, error) {
	if len(args) > len(params) {
		if len(params) == 0 {
			return nil, typeErrorf("%s() takes no arguments (%d given)", name, len(args))
		}
		return nil, typeErrorf("%s() takes at most %d argument%s (%d given)", name, len(params), plural(len(params)), len(args))
	}
	out := make([]Value, len(params))
	for i := range out {
		out[i] = Missing
	}
	copy(out, args)
	for _, k := range kw {
		i := slices.Index(params, k.Name)
		if i < 0 {
			return nil, typeErrorf("%s() got an unexpected keyword argument '%s'", name, k.Name)
		}
		if !out[i].IsMissing() {
			return nil, typeErrorf("%s() got multiple values for argument '%s'", name, k.Name)
		}
		out[i] = k.Value
	}
	for i := range required {
		if out[i].IsMissing() {
			return nil, typeErrorf("%s() takes at least %d argument%s (%d given)", name, required, plural(required), len(args))
		}
	}
	return out, nil
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func orNull(v Value) Value {
	if v.IsMissing() {
		return Null
	}
	return v
}

// textArg is an argument that must be a string.
func textArg(name string, v Value) (string, error) {
	if v.kind != KindString {
		return "", typeErrorf("%s() argument must be str, not %s", name, v.kind)
	}
	return v.str(), nil
}

// intArg is an argument that must be an integer of at most 64 bits.
func intArg(v Value, absent int64) (int64, error) {
	if v.IsMissing() {
		return absent, nil
	}
	if !v.isIntegral() {
		return 0, typeErrorf("'%s' object cannot be interpreted as an integer", v.kind)
	}
	i, wide := v.integer()
	if wide != nil {
		return 0, errorf(OverflowError, "Python int too large to convert to C ssize_t")
	}
	return i, nil
}
