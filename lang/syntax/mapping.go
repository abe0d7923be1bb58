package syntax

import (
	"iter"
	"slices"
	"strconv"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// indexFrom is the number of entries from which on a mapping gets an index.
const indexFrom = 17

// mappingIndex is what Get and Entries need where Pairs alone is too slow or not
// enough.
type mappingIndex struct {
	// merged are the effective entries; nil if the mapping has no merge keys.
	merged []*Pair
	// first is the position, in Pairs or merged, of the first entry of each
	// identity.
	first map[string]int32
}

// Get is the effective value of the entry with a key: the mapping's own, else
// the one that a merge key (`<<`) brings. It is nil if there is none, or if n is
// no mapping. key is the text of a string, or, if the mapping has no such
// string, of a number, boolean or null as one would write it without quotes.
// Aliases are followed for n, not for the result. Of duplicate keys the first
// counts.
func (n *Node) Get(key string) *Node {
	if pair := n.PairOf(key); pair != nil {
		return pair.Value
	}
	return nil
}

// PairOf is the effective entry with a key; see Get. An entry that comes by a
// merge key is the one of the mapping that it stands in.
func (n *Node) PairOf(key string) *Pair {
	n = n.Deref()
	if n == nil || n.Kind != Mapping {
		return nil
	}
	other := "" // the identity of key as something else than a string
	if mayResolve(key) {
		other = valueIdentity(resolvePlain(key))
	}
	if n.index == nil {
		var second *Pair
		for i := range n.Pairs {
			pair := &n.Pairs[i]
			switch id, ok := pair.identity(); {
			case !ok:
			case id == key:
				return pair
			case other != "" && id == other && second == nil:
				second = pair
			}
		}
		return second
	}
	i, ok := n.index.first[key]
	if !ok && other != "" {
		i, ok = n.index.first[other]
	}
	switch {
	case !ok:
		return nil
	case n.index.merged != nil:
		return n.index.merged[i]
	}
	return &n.Pairs[i]
}

// identity is equal for keys of the same value: the text of a string, a mark and
// the value for what is no string. Collections have none, nor has a place where
// a key is missing.
func (p *Pair) identity() (string, bool) {
	key := p.Key.Deref()
	if key == nil || key.Kind != Scalar || key.Broken && key.Style == Empty {
		return "", false
	}
	if key.Tag == "" && (key.Style > Plain || key.Style == Plain && !mayResolve(key.Value)) {
		return key.Value, true
	}
	if id := valueIdentity(key.Resolve()); id != "" {
		return id, true
	}
	return key.Value, true
}

// valueIdentity is the identity of a value that is no string; "" for strings. It
// starts with a byte that no text has.
func valueIdentity(r Resolved) string {
	const mark = "\xff"
	switch r.Kind {
	case Null:
		return mark
	case Bool:
		return mark + strconv.FormatBool(r.Bool)
	case Int:
		return mark + r.BigInt().String()
	case Float:
		return mark + "float " + strconv.FormatFloat(r.Float, 'g', -1, 64)
	}
	return ""
}

// Entries yields the effective entries of a mapping, key and value, in order:
// first those that merge keys bring, each at the place where the first mapping
// that has it puts it, then the mapping's own; an own entry takes the place of
// a merged one, and the first of duplicates counts. Entries whose key is missing
// (see Node.Broken) are left out. For other nodes it yields nothing.
func (n *Node) Entries() iter.Seq2[*Node, *Node] {
	return func(yield func(key, value *Node) bool) {
		n := n.Deref()
		if n == nil || n.Kind != Mapping {
			return
		}
		if n.index != nil && n.index.merged != nil {
			for _, pair := range n.index.merged {
				if !yield(pair.Key, pair.Value) {
					return
				}
			}
			return
		}
		for i := range n.Pairs {
			pair := &n.Pairs[i]
			id, ok := pair.identity()
			if !ok && pair.Key.Kind == Scalar || ok && n.earlier(i, id) {
				continue
			}
			if !yield(pair.Key, pair.Value) {
				return
			}
		}
	}
}

// earlier reports whether an entry before the i-th has the identity id.
func (n *Node) earlier(i int, id string) bool {
	if n.index != nil {
		return int(n.index.first[id]) < i
	}
	for j := range i {
		if other, ok := n.Pairs[j].identity(); ok && other == id {
			return true
		}
	}
	return false
}

// Deref follows aliases: it is n itself, what the alias n means, or nil for an
// alias that means nothing.
func (n *Node) Deref() *Node {
	for n != nil && n.Kind == Alias {
		n = n.Target
	}
	return n
}

// isMerge reports whether the pair's key is the merge key.
func (p *Pair) isMerge() bool {
	key := p.Key
	return key.Kind == Scalar && key.Style == Plain && key.Value == "<<" &&
		(key.Tag == "" || key.Tag == "!!merge" || key.Tag == "!<tag:yaml.org,2002:merge>")
}

// checkKeys reports duplicate keys of the complete mapping n, and makes its
// index.
func (p *parser) checkKeys(n *Node) {
	merges := false
	for i := range n.Pairs {
		if n.Pairs[i].isMerge() {
			merges = true
			break
		}
	}
	if len(n.Pairs) >= indexFrom {
		n.index = &mappingIndex{first: make(map[string]int32, len(n.Pairs))}
		for i := range n.Pairs {
			id, ok := n.Pairs[i].identity()
			if !ok {
				continue
			}
			if first, dup := n.index.first[id]; dup {
				p.duplicate(&n.Pairs[first], &n.Pairs[i])
				continue
			}
			n.index.first[id] = int32(i)
		}
	} else {
		var ids [indexFrom]string
		for i := range n.Pairs {
			id, ok := n.Pairs[i].identity()
			if !ok {
				id = "\xffnone"
			}
			ids[i] = id
			if j := slices.Index(ids[:i], id); ok && j >= 0 {
				p.duplicate(&n.Pairs[j], &n.Pairs[i])
			}
		}
	}
	if merges {
		n.mergeEntries(func(value *Node) {
			p.report(diag.New(diag.BadMerge, source.Location{File: p.file, Span: value.Span}, "`<<` merges mappings only").
				WithHelp("write `<<: *anchor` of a mapping, or a list of such aliases; quote the key if it is meant literally"))
		})
	}
}

func (p *parser) duplicate(first, second *Pair) {
	if p.quiet() || first.Key.Broken || second.Key.Broken {
		return
	}
	p.report(diag.New(diag.DuplicateKey, source.Location{File: p.file, Span: second.Key.Span}, "duplicate key %s", describe(keyText(second.Key))).
		WithRelated(source.Location{File: p.file, Span: first.Key.Span}, "the first one").
		WithHelp("remove or rename one of the two; the first one is used"))
}

func keyText(key *Node) string {
	if key.Value == "" {
		return "\"\""
	}
	return key.Value
}

// mergeEntries makes the effective entries of n, which has merge keys. bad is
// called for values behind a merge key that cannot be merged.
func (n *Node) mergeEntries(bad func(value *Node)) {
	index := &mappingIndex{merged: make([]*Pair, 0, 2*len(n.Pairs)), first: make(map[string]int32, 2*len(n.Pairs))}
	add := func(pair *Pair, override bool) {
		id, ok := pair.identity()
		if !ok {
			if pair.Key.Kind != Scalar {
				index.merged = append(index.merged, pair)
			}
			return
		}
		if i, found := index.first[id]; found {
			if override {
				index.merged[i] = pair
			}
			return
		}
		index.first[id] = int32(len(index.merged))
		index.merged = append(index.merged, pair)
	}
	addAll := func(m *Node) {
		if m.index != nil && m.index.merged != nil {
			for _, pair := range m.index.merged {
				add(pair, false)
			}
			return
		}
		for i := range m.Pairs {
			add(&m.Pairs[i], false)
		}
	}
	// merge adds the entries of one mapping behind `<<`.
	merge := func(value *Node) bool {
		target := value.Deref()
		switch {
		case target == nil:
			return true // reported as an unknown anchor
		case target.Kind == Mapping && target.Tag != "" && !isCoreTag(target.Tag):
			return false // what it means is for later phases to say
		case target.Kind == Mapping:
			addAll(target)
			return true
		case target.Broken || target.Tag != "" && !isCoreTag(target.Tag):
			return false
		}
		bad(value)
		return false
	}
	taken := make([]bool, len(n.Pairs))
	for i := range n.Pairs {
		pair := &n.Pairs[i]
		if !pair.isMerge() {
			continue
		}
		if list := pair.Value.Deref(); list != nil && list.Kind == Sequence && list.Tag == "" {
			taken[i] = true
			for _, item := range list.Items {
				taken[i] = merge(item) && taken[i]
			}
		} else {
			taken[i] = merge(pair.Value)
		}
	}
	own := map[string]bool{}
	for i := range n.Pairs {
		if taken[i] {
			continue
		}
		id, ok := n.Pairs[i].identity()
		if ok && own[id] {
			continue
		}
		own[id] = own[id] || ok
		add(&n.Pairs[i], true)
	}
	n.index = index
}

func isCoreTag(tag string) bool {
	return len(tag) > 1 && tag[0] == '!' && tag[1] == '!' || len(tag) > 21 && tag[:21] == "!<tag:yaml.org,2002:"
}
