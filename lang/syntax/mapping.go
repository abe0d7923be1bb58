package syntax

import (
	"iter"
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
	// first is the position, in Pairs or merged, of the first entry with a key.
	first map[string]int32
}

// Get is the effective value of the entry whose key is the scalar key: the
// mapping's own, else the one that a merge key (`<<`) brings. It is nil if there
// is none, or if n is no mapping. Aliases are followed for n, not for the
// result. Of duplicate keys the first counts.
func (n *Node) Get(key string) *Node {
	if pair := n.PairOf(key); pair != nil {
		return pair.Value
	}
	return nil
}

// PairOf is the effective entry whose key is the scalar key; see Get. An entry
// that comes by a merge key is the one of the mapping that it stands in.
func (n *Node) PairOf(key string) *Pair {
	n = n.Deref()
	if n == nil || n.Kind != Mapping {
		return nil
	}
	if n.index != nil {
		if n.index.first != nil {
			i, ok := n.index.first[key]
			switch {
			case !ok:
				return nil
			case n.index.merged != nil:
				return n.index.merged[i]
			}
			return &n.Pairs[i]
		}
		for _, pair := range n.index.merged {
			if pair.named(key) {
				return pair
			}
		}
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].named(key) {
			return &n.Pairs[i]
		}
	}
	return nil
}

func (p *Pair) named(key string) bool {
	name, ok := p.name()
	return ok && name == key
}

// name is the text of a scalar key; a place where a key is missing has none.
func (p *Pair) name() (string, bool) {
	key := p.Key
	if key.Kind == Alias {
		key = key.Deref()
	}
	if key == nil || key.Kind != Scalar || key.Broken && key.Style == Empty {
		return "", false
	}
	return key.Value, true
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
			name, ok := pair.name()
			if !ok && pair.Key.Kind == Scalar || ok && n.earlier(i, name) {
				continue
			}
			if !yield(pair.Key, pair.Value) {
				return
			}
		}
	}
}

// earlier reports whether an entry before the i-th has the key name.
func (n *Node) earlier(i int, name string) bool {
	if n.index != nil {
		return int(n.index.first[name]) < i
	}
	for j := range i {
		if n.Pairs[j].named(name) {
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
			name, ok := n.Pairs[i].name()
			if !ok {
				continue
			}
			if first, dup := n.index.first[name]; dup {
				p.duplicate(&n.Pairs[first], &n.Pairs[i])
				continue
			}
			n.index.first[name] = int32(i)
		}
	} else {
		for i := 1; i < len(n.Pairs); i++ {
			name, ok := n.Pairs[i].name()
			if !ok {
				continue
			}
			for j := range i {
				if n.Pairs[j].named(name) {
					p.duplicate(&n.Pairs[j], &n.Pairs[i])
					break
				}
			}
		}
	}
	p.checkValueKeys(n)
	if merges {
		p.mergeEntries(n)
	}
}

// checkValueKeys reports keys that are written differently and are the same
// value: `1` and `0x1`, `~` and `null`.
func (p *parser) checkValueKeys(n *Node) {
	var seen map[string]int
	for i := range n.Pairs {
		key := n.Pairs[i].Key
		if key.Kind != Scalar || key.Style > Plain || key.Style == Plain && !mayResolve(key.Value) || key.Broken {
			continue
		}
		value := valueText(key)
		if value == "" {
			continue
		}
		if seen == nil {
			seen = map[string]int{}
		}
		if first, dup := seen[value]; !dup {
			seen[value] = i
		} else if n.Pairs[first].Key.Value != key.Value { // else reported by its text
			p.duplicate(&n.Pairs[first], &n.Pairs[i])
		}
	}
}

// valueText is one text for all keys of a value that is no string; "" for
// strings.
func valueText(key *Node) string {
	switch r := key.Resolve(); r.Kind {
	case Null:
		return "null"
	case Bool:
		return strconv.FormatBool(r.Bool)
	case Int:
		return r.BigInt().String()
	case Float:
		return "float " + strconv.FormatFloat(r.Float, 'g', -1, 64)
	}
	return ""
}

func (p *parser) duplicate(first, second *Pair) {
	if p.quiet() || first.Key.Broken || second.Key.Broken || !sameKey(first.Key, second.Key) {
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

// sameKey reports whether two keys of the same text are the same value: `1` and
// `"1"` are not.
func sameKey(a, b *Node) bool {
	a, b = a.Deref(), b.Deref()
	return a.Resolve().Kind == b.Resolve().Kind
}

// mergeEntries makes the effective entries of n, which has merge keys.
func (p *parser) mergeEntries(n *Node) {
	index := &mappingIndex{merged: make([]*Pair, 0, 2*len(n.Pairs)), first: make(map[string]int32, 2*len(n.Pairs))}
	add := func(pair *Pair, override bool) {
		name, ok := pair.name()
		if !ok {
			if pair.Key.Kind != Scalar {
				index.merged = append(index.merged, pair)
			}
			return
		}
		if i, found := index.first[name]; found {
			if override {
				index.merged[i] = pair
			}
			return
		}
		index.first[name] = int32(len(index.merged))
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
		p.report(diag.New(diag.BadMerge, source.Location{File: p.file, Span: value.Span}, "`<<` merges mappings only").
			WithHelp("write `<<: *anchor` of a mapping, or a list of such aliases; quote the key if it is meant literally"))
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
		name, ok := n.Pairs[i].name()
		if ok && own[name] {
			continue
		}
		own[name] = own[name] || ok
		add(&n.Pairs[i], true)
	}
	n.index = index
}

func isCoreTag(tag string) bool {
	return len(tag) > 1 && tag[0] == '!' && tag[1] == '!' || len(tag) > 21 && tag[:21] == "!<tag:yaml.org,2002:"
}
