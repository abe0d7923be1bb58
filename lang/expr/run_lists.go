package expr

import (
	"slices"
	"strings"

	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// Implementations of the filters on lists and mappings; filters.go documents
// them.

// help suggests names of a table.
func help(name string, t *catalogue) string {
	t.load()
	if s := suggest.Help(name, t.names); s != "" {
		return s
	}
	return "they are " + strings.Join(t.names, ", ")
}

// intArg is an argument that has to be an int; def where it is absent.
func intArg(what string, v value.Value, def int64) (int64, error) {
	if v.IsMissing() {
		return def, nil
	}
	if b, ok := v.AsBool(); ok && b {
		return 1, nil
	} else if ok {
		return 0, nil
	}
	i, ok := v.AsInt()
	if !ok && v.Kind() == value.KindInt {
		return 0, &value.Error{Kind: value.OverflowError, Msg: what + " is too large", Offset: -1}
	}
	if !ok {
		return 0, typeErrorf("%s has to be an int, not '%s'", what, v.Kind())
	}
	return i, nil
}

// boolArg is the truth of an argument; def where it is absent.
func boolArg(v value.Value, def bool) bool {
	if v.IsMissing() {
		return def
	}
	return value.Truthy(v)
}

// attribute is the getter of an `attribute` argument; nil where it is absent or
// null.
func attribute(v value.Value) (*getter, error) {
	if v.IsMissing() || v.IsNull() {
		return nil, nil
	}
	g := &getter{missing: value.Missing}
	return g, g.parse(v)
}

// sortKey is what a value is compared by: without regard to case unless
// caseSensitive.
func sortKey(v value.Value, caseSensitive bool) value.Value {
	if s, ok := v.AsString(); ok && !caseSensitive {
		if m, ok := value.LookupMethod(value.KindString, "lower"); ok {
			if low, err := m(value.String(s), nil, nil); err == nil {
				return low
			}
		}
	}
	return v
}

// keyed is the items of v, and what each is compared by.
func keyed(fr *frame, at Node, v, attr value.Value, caseSensitive bool) (items, keys []value.Value, err error) {
	g, err := attribute(attr)
	if err != nil {
		return nil, nil, err
	}
	if items, err = fr.items(v, at); err != nil {
		return nil, nil, err
	}
	keys = make([]value.Value, len(items))
	for i, it := range items {
		k := it
		if g != nil {
			if k = g.of(it); k.IsMissing() {
				return nil, nil, noField(at, i, g)
			}
		}
		keys[i] = sortKey(k, caseSensitive)
	}
	return items, keys, nil
}

func noField(at Node, i int, g *getter) error {
	return evalErrorf(ErrMissingField, at, "select the items that have it first: selectattr('"+g.text()+"', 'defined')", "item %d has no field `%s`", i, g.text())
}

func filterBatch(fr *frame, at Node, a []value.Value) (value.Value, error) {
	items, err := fr.items(a[0], at)
	if err != nil {
		return value.Null, err
	}
	n, err := intArg("linecount", a[1], 0)
	if err != nil {
		return value.Null, err
	}
	if n <= 0 {
		return value.Null, valueErrorf("linecount has to be positive")
	}
	var out []value.Value
	for len(items) > 0 {
		k := int(min(n, int64(len(items))))
		row := slices.Clone(items[:k])
		items = items[k:]
		if !a[2].IsMissing() && !a[2].IsNull() && int64(len(row)) < n {
			if err := fr.made(24*n, at); err != nil {
				return value.Null, err
			}
			for int64(len(row)) < n {
				row = append(row, a[2])
			}
		}
		out = append(out, value.List(row))
	}
	return value.List(out), nil
}

func filterSlice(fr *frame, at Node, a []value.Value) (value.Value, error) {
	items, err := fr.items(a[0], at)
	if err != nil {
		return value.Null, err
	}
	n, err := intArg("slices", a[1], 0)
	if err != nil {
		return value.Null, err
	}
	if n <= 0 {
		return value.Null, valueErrorf("slices has to be positive")
	}
	if err := fr.made(88*n, at); err != nil {
		return value.Null, err
	}
	per, extra := int64(len(items))/n, int64(len(items))%n
	out := make([]value.Value, 0, n)
	at0 := int64(0)
	for i := range n {
		k := per
		if i < extra {
			k++
		}
		row := slices.Clone(items[at0 : at0+k])
		at0 += k
		if !a[2].IsMissing() && !a[2].IsNull() && i >= extra {
			row = append(row, a[2])
		}
		out = append(out, value.List(row))
	}
	return value.List(out), nil
}

func filterDictSort(fr *frame, at Node, a []value.Value) (value.Value, error) {
	o, ok := a[0].Object()
	if !ok {
		return value.Null, typeErrorf("dictsort needs a mapping, not '%s'", a[0].Kind())
	}
	by := "key"
	if !a[2].IsMissing() {
		by = value.Str(a[2])
	}
	if by != "key" && by != "value" {
		return value.Null, valueErrorf("`by` has to be 'key' or 'value'")
	}
	items, keys := make([]value.Value, o.Len()), make([]value.Value, o.Len())
	for i := range o.Len() {
		k, v := o.At(i)
		items[i] = value.Tuple([]value.Value{k, v})
		if by == "value" {
			k = v
		}
		keys[i] = sortKey(k, boolArg(a[1], false))
	}
	if err := fr.sortCost(keys, at); err != nil {
		return value.Null, err
	}
	err := value.SortBy(items, keys, boolArg(a[3], false))
	return value.List(items), err
}

func filterFirst(fr *frame, at Node, a []value.Value) (value.Value, error) {
	var c cursor
	if err := c.begin(a[0]); err != nil {
		return value.Null, err
	}
	v, _ := c.next()
	return v, nil
}

func filterLast(fr *frame, at Node, a []value.Value) (value.Value, error) {
	switch a[0].Kind() {
	case value.KindList, value.KindTuple, value.KindRange, value.KindString:
		v, _, err := subscript(a[0], value.Int(-1))
		return v, err
	}
	items, err := fr.items(a[0], at)
	if err != nil || len(items) == 0 {
		return value.Missing, err
	}
	return items[len(items)-1], nil
}

func filterGroupBy(fr *frame, at Node, a []value.Value) (value.Value, error) {
	g, err := attribute(a[1])
	if err != nil {
		return value.Null, err
	}
	if g == nil {
		return value.Null, typeErrorf("groupby needs an attribute")
	}
	items, err := copied(fr, at, a[0])
	if err != nil {
		return value.Null, err
	}
	sensitive := boolArg(a[3], false)
	plain, keys := make([]value.Value, len(items)), make([]value.Value, len(items))
	for i, it := range items {
		k := g.of(it)
		if k.IsMissing() {
			if k = a[2]; k.IsMissing() {
				return value.Null, noField(at, i, g)
			}
		}
		plain[i], keys[i] = k, sortKey(k, sensitive)
	}
	if err := fr.sortCost(keys, at); err != nil {
		return value.Null, err
	}
	// one order for the items, their keys as written and as compared
	rows := make([]value.Value, len(items))
	for i := range items {
		rows[i] = value.Tuple([]value.Value{items[i], plain[i], keys[i]})
	}
	if err := value.SortBy(rows, keys, false); err != nil {
		return value.Null, err
	}
	var out, group []value.Value
	for i, r := range rows {
		cells := r.Items()
		group = append(group, cells[0])
		if i+1 == len(rows) || !value.Equal(rows[i+1].Items()[2], cells[2]) {
			first := rows[i+1-len(group)].Items()[1]
			out = append(out, value.Tuple([]value.Value{first, value.List(group)}))
			group = nil
		}
	}
	return value.List(out), nil
}

func filterItems(fr *frame, at Node, a []value.Value) (value.Value, error) {
	o, ok := a[0].Object()
	if !ok {
		return value.Null, typeErrorf("items needs a mapping, not '%s'", a[0].Kind())
	}
	if err := fr.made(96*int64(o.Len()), at); err != nil {
		return value.Null, err
	}
	out := make([]value.Value, o.Len())
	for i := range out {
		k, v := o.At(i)
		out[i] = value.Tuple([]value.Value{k, v})
	}
	return value.List(out), nil
}

func filterJoin(fr *frame, at Node, a []value.Value) (value.Value, error) {
	g, err := attribute(a[2])
	if err != nil {
		return value.Null, err
	}
	sep := ""
	if !a[1].IsMissing() {
		s, err := textArg(fr, at, a[1])
		if err != nil {
			return value.Null, err
		}
		sep = s
	}
	return joinItems(fr, at, sep, a[0], g)
}

func filterMin(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return filterExtreme(fr, at, a, false)
}

func filterMax(fr *frame, at Node, a []value.Value) (value.Value, error) {
	return filterExtreme(fr, at, a, true)
}

func filterExtreme(fr *frame, at Node, a []value.Value, largest bool) (value.Value, error) {
	items, keys, err := keyed(fr, at, a[0], a[2], boolArg(a[1], false))
	if err != nil || len(items) == 0 {
		return value.Missing, err
	}
	best, err := extremeOf(fr, at, keys, largest)
	if err != nil {
		return value.Null, err
	}
	return items[best], nil
}

func filterReverse(fr *frame, at Node, a []value.Value) (value.Value, error) {
	items, err := copied(fr, at, a[0])
	if err != nil {
		return value.Null, err
	}
	slices.Reverse(items)
	if a[0].Kind() != value.KindString {
		return value.List(items), nil
	}
	var b strings.Builder
	for _, it := range items {
		s, _ := it.AsString()
		b.WriteString(s)
	}
	return value.String(b.String()), nil
}

func filterSort(fr *frame, at Node, a []value.Value) (value.Value, error) {
	var gets []getter
	if s, ok := a[3].AsString(); ok {
		for _, part := range strings.Split(s, ",") {
			g := getter{missing: value.Missing}
			if err := g.parse(value.String(strings.TrimSpace(part))); err != nil {
				return value.Null, err
			}
			gets = append(gets, g)
		}
	} else if g, err := attribute(a[3]); err != nil {
		return value.Null, err
	} else if g != nil {
		gets = append(gets, *g)
	}
	items, err := copied(fr, at, a[0])
	if err != nil {
		return value.Null, err
	}
	sensitive := boolArg(a[2], false)
	keys := make([]value.Value, len(items))
	for i, it := range items {
		row := make([]value.Value, len(gets))
		for k := range gets {
			v := gets[k].of(it)
			if v.IsMissing() {
				return value.Null, noField(at, i, &gets[k])
			}
			row[k] = sortKey(v, sensitive)
		}
		switch len(row) {
		case 0:
			keys[i] = sortKey(it, sensitive)
		case 1:
			keys[i] = row[0]
		default:
			keys[i] = value.Tuple(row)
		}
	}
	if err := fr.sortCost(keys, at); err != nil {
		return value.Null, err
	}
	err = value.SortBy(items, keys, boolArg(a[1], false))
	return value.List(items), err
}

func filterSum(fr *frame, at Node, a []value.Value) (value.Value, error) {
	start := a[2]
	if start.IsMissing() {
		start = value.Int(0)
	}
	g, err := attribute(a[1])
	if err != nil {
		return value.Null, err
	}
	list := a[0]
	if g != nil {
		items, err := copied(fr, at, a[0])
		if err != nil {
			return value.Null, err
		}
		for i, it := range items {
			if items[i] = g.of(it); items[i].IsMissing() {
				return value.Null, noField(at, i, g)
			}
		}
		list = value.List(items)
	}
	return sumItems(fr, at, list, start)
}

func filterUnique(fr *frame, at Node, a []value.Value) (value.Value, error) {
	items, keys, err := keyed(fr, at, a[0], a[2], boolArg(a[1], false))
	if err != nil {
		return value.Null, err
	}
	seen := value.NewObject(len(items))
	var out []value.Value
	for i, k := range keys {
		if err := fr.whole(k, at); err != nil {
			return value.Null, err
		}
		n := seen.Len()
		if err := seen.SetKey(k, value.Null); err != nil {
			return value.Null, err
		}
		if seen.Len() > n {
			out = append(out, items[i])
		}
	}
	return value.List(out), nil
}
