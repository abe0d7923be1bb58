package expr

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/value"
)

// Implementations of the functions; functions.go documents them.

func fnNow(fr *frame, _ Node, _ []value.Value) (value.Value, error) {
	return value.Datetime(fr.env.Now()), nil
}

func fnUTCNow(fr *frame, _ Node, _ []value.Value) (value.Value, error) {
	return value.AwareDatetime(fr.env.Now().UTC()), nil
}

func fnTimestamp(fr *frame, _ Node, a []value.Value) (value.Value, error) {
	return value.Timestamp(a[0], fr.env.Now().Location())
}

func fnStr(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if a[0].IsMissing() {
		return value.String(""), nil
	}
	return fr.str(a[0], at)
}

// str is str(v) as a value.
func (fr *frame) str(v value.Value, at Node) (value.Value, error) {
	if v.Kind() == value.KindString {
		return v, nil
	}
	s, err := fr.text(v, at)
	if err != nil {
		return value.Null, err
	}
	return value.String(s), nil
}

func fnInt(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	if a[0].IsMissing() {
		if !a[1].IsMissing() {
			return value.Null, typeErrorf("int() missing string argument")
		}
		return value.Int(0), nil
	}
	return value.ToInt(a[0], a[1])
}

func fnFloat(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	if a[0].IsMissing() {
		return value.Float(0), nil
	}
	return value.ToFloat(a[0])
}

func fnBool(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return value.Bool(!a[0].IsMissing() && value.Truthy(a[0])), nil
}

func fnDecimal(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	if a[0].IsMissing() {
		return value.ParseDecimal("0")
	}
	return value.ToDecimal(a[0])
}

// copied is a new slice of v's items.
func copied(fr *frame, at Node, v value.Value) ([]value.Value, error) {
	if v.IsMissing() {
		return nil, nil
	}
	items, err := fr.items(v, at)
	return slices.Clone(items), err
}

func fnList(fr *frame, at Node, a []value.Value) (value.Value, error) {
	items, err := copied(fr, at, a[0])
	return value.List(items), err
}

func fnTuple(fr *frame, at Node, a []value.Value) (value.Value, error) {
	items, err := copied(fr, at, a[0])
	return value.Tuple(items), err
}

func fnSet(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if a[0].IsMissing() {
		return value.Set(nil)
	}
	items, err := fr.items(a[0], at)
	if err != nil {
		return value.Null, err
	}
	if err := fr.whole(a[0], at); err != nil {
		return value.Null, err
	}
	return value.Set(items)
}

func fnAbs(_ *frame, _ Node, a []value.Value) (value.Value, error) { return value.Abs(a[0]) }

func fnRound(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return value.Round(a[0], a[1])
}

func fnSum(fr *frame, at Node, a []value.Value) (value.Value, error) {
	start := a[1]
	if start.IsMissing() {
		start = value.Int(0)
	}
	if start.Kind() == value.KindString {
		return value.Null, typeErrorf("sum() can't sum strings [use ''.join(seq) instead]")
	}
	return sumItems(fr, at, a[0], start)
}

func sumItems(fr *frame, at Node, v, start value.Value) (value.Value, error) {
	var c cursor
	if err := c.begin(v); err != nil {
		return value.Null, err
	}
	total := start
	for {
		it, ok := c.next()
		if !ok {
			return total, nil
		}
		if err := fr.spend(1, at); err != nil {
			return value.Null, err
		}
		var err error
		if total, err = value.Add(total, it); err != nil {
			return value.Null, err
		}
		if err := fr.product(total, at); err != nil {
			return value.Null, err
		}
	}
}

func fnPow(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	if a[2].IsMissing() || a[2].IsNull() {
		return value.Pow(a[0], a[1])
	}
	return value.PowMod(a[0], a[1], a[2])
}

func fnLen(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	n, ok := a[0].Len()
	if !ok {
		return value.Null, typeErrorf("object of type '%s' has no len()", a[0].Kind())
	}
	return value.Int(int64(n)), nil
}

// until goes over v's items to the first whose truth is want.
func until(fr *frame, at Node, v value.Value, want bool) (bool, error) {
	var c cursor
	if err := c.begin(v); err != nil {
		return false, err
	}
	for {
		it, ok := c.next()
		if !ok {
			return false, nil
		}
		if err := fr.spend(1, at); err != nil {
			return false, err
		}
		if value.Truthy(it) == want {
			return true, nil
		}
	}
}

func fnAll(fr *frame, at Node, a []value.Value) (value.Value, error) {
	found, err := until(fr, at, a[0], false)
	return value.Bool(!found), err
}

func fnAny(fr *frame, at Node, a []value.Value) (value.Value, error) {
	found, err := until(fr, at, a[0], true)
	return value.Bool(found), err
}

func fnReversed(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if a[0].Kind() == value.KindSet {
		return value.Null, typeErrorf("'set' object is not reversible")
	}
	if _, ok := a[0].Len(); !ok {
		return value.Null, typeErrorf("'%s' object is not reversible", a[0].Kind())
	}
	items, err := copied(fr, at, a[0])
	slices.Reverse(items)
	return value.List(items), err
}

func fnRange(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	n := len(a)
	for n > 0 && a[n-1].IsMissing() {
		n--
	}
	return value.RangeOf(slices.Clone(a[:n]))
}

func fnZip(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if len(a) == 0 {
		return value.List(nil), nil
	}
	cursors := make([]cursor, len(a))
	n := -1
	for i, v := range a {
		if err := cursors[i].begin(v); err != nil {
			return value.Null, typeErrorf("zip argument #%d is not iterable: it is of type '%s'", i+1, v.Kind())
		}
		if n < 0 || cursors[i].n < n {
			n = cursors[i].n
		}
	}
	if err := fr.made((24+64)*int64(n)*int64(len(a)), at); err != nil {
		return value.Null, err
	}
	out := make([]value.Value, n)
	for i := range out {
		row := make([]value.Value, len(a))
		for k := range cursors {
			row[k], _ = cursors[k].next()
		}
		out[i] = value.Tuple(row)
	}
	return value.List(out), nil
}

// stringMethod calls a method of str on the text of a value.
func stringMethod(fr *frame, at Node, name string, s value.Value, args []value.Value) (value.Value, error) {
	s, err := fr.str(s, at)
	if err != nil {
		return value.Null, err
	}
	if err := fr.whole(s, at); err != nil {
		return value.Null, err
	}
	for len(args) > 0 && args[len(args)-1].IsMissing() {
		args = args[:len(args)-1]
	}
	m, ok := value.LookupMethod(value.KindString, name)
	if !ok {
		return value.Null, typeErrorf("str has no method %s", name)
	}
	return m(s, args, nil)
}

func fnLower(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return stringMethod(fr, at, "lower", a[0], nil)
}

func fnUpper(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return stringMethod(fr, at, "upper", a[0], nil)
}

func fnStrip(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return stringMethod(fr, at, "strip", a[0], nil)
}

func fnLStrip(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return stringMethod(fr, at, "lstrip", a[0], nil)
}

func fnRStrip(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return stringMethod(fr, at, "rstrip", a[0], nil)
}

func fnReplace(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return stringMethod(fr, at, "replace", a[0], a[1:3])
}

func fnSplit(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if a[0].Kind() != value.KindString {
		return value.List([]value.Value{a[0]}), nil
	}
	return stringMethod(fr, at, "split", a[0], a[1:2])
}

func fnStartsWith(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if a[0].Kind() != value.KindString {
		return value.False, nil
	}
	return stringMethod(fr, at, "startswith", a[0], a[1:2])
}

func fnEndsWith(fr *frame, at Node, a []value.Value) (value.Value, error) {
	if a[0].Kind() != value.KindString {
		return value.False, nil
	}
	return stringMethod(fr, at, "endswith", a[0], a[1:2])
}

func fnContains(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	if a[0].Kind() != value.KindString {
		return value.False, nil
	}
	ok, err := value.Contains(a[0], a[1])
	return value.Bool(ok), err
}

func fnJoin(fr *frame, at Node, a []value.Value) (value.Value, error) {
	sep, ok := a[0].AsString()
	if !ok {
		return value.Null, typeErrorf("join() needs a text as its first argument, not '%s'", a[0].Kind())
	}
	return joinItems(fr, at, sep, a[1], nil)
}

// joinItems joins the texts of v's items, or of what get reads of them.
func joinItems(fr *frame, at Node, sep string, v value.Value, get *getter) (value.Value, error) {
	var c cursor
	if err := c.begin(v); err != nil {
		return value.Null, err
	}
	var b strings.Builder
	for i := 0; ; i++ {
		it, ok := c.next()
		if !ok {
			return value.String(b.String()), nil
		}
		if err := fr.spend(1, at); err != nil {
			return value.Null, err
		}
		if get != nil {
			if it = get.of(it); it.IsMissing() {
				return value.Null, &EvalError{Kind: ErrMissingField, Span: at.Span(), Msg: "an item has no field `" + get.text() + "`"}
			}
		}
		s, err := fr.text(it, at)
		if err != nil {
			return value.Null, err
		}
		if i > 0 {
			b.WriteString(sep)
		}
		if b.Len()+len(s)+len(sep) > value.MaxStringBytes {
			return value.Null, &EvalError{Kind: ErrLimit, Span: at.Span(), Msg: "the joined text is too long"}
		}
		b.WriteString(s)
	}
}

func fnFormat(fr *frame, at Node, a []value.Value) (value.Value, error) {
	spec := ""
	if !a[1].IsMissing() {
		s, ok := a[1].AsString()
		if !ok {
			return value.Null, typeErrorf("format() argument 2 must be str, not %s", a[1].Kind())
		}
		spec = s
	}
	if err := fr.noSecret(a[0], at); err != nil {
		return value.Null, err
	}
	s, err := value.Format(a[0], spec)
	return value.String(s), err
}

func fnDefault(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	if a[0].IsMissing() || a[0].IsNull() {
		return a[1], nil
	}
	return a[0], nil
}

func fnCoalesce(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	for _, v := range a {
		if !v.IsMissing() && !v.IsNull() {
			return v, nil
		}
	}
	return value.Null, nil
}

func fnIsNone(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	return value.Bool(a[0].IsMissing() || a[0].IsNull()), nil
}

func fnIsEmpty(_ *frame, _ Node, a []value.Value) (value.Value, error) {
	switch a[0].Kind() {
	case value.KindMissing, value.KindNull:
		return value.True, nil
	case value.KindString, value.KindList, value.KindObject:
		n, _ := a[0].Len()
		return value.Bool(n == 0), nil
	}
	return value.False, nil
}
