package value

import (
	"math"
	"slices"
	"unsafe"
)

// Object is a dictionary that keeps the order of insertion, as Python's dict.
// It may be built by one goroutine; once it is a Value it must not change, and
// any number of goroutines may read it.
type Object struct {
	keys, vals []Value
	index      keyIndex
	size       int64
	depth      int
}

// NewObject is an empty object with room for n entries.
func NewObject(n int) *Object {
	o := &Object{size: 96, depth: 1}
	if n > 0 {
		entries := make([]Value, 2*n)
		o.keys, o.vals = entries[:0:n], entries[n:n:2*n]
	}
	return o
}

// Value is the object as a value; the object must not change afterwards.
func (o *Object) Value() Value { return Value{tag: tag{kind: KindObject}, p: unsafe.Pointer(o)} }

// Len is the number of entries.
func (o *Object) Len() int { return len(o.keys) }

// At is entry i in order of insertion, 0 ≤ i < Len.
func (o *Object) At(i int) (key, v Value) { return o.keys[i], o.vals[i] }

// Set gives key the value v. An existing key keeps its place.
func (o *Object) Set(key string, v Value) { o.put(String(key), v) }

// SetKey is Set for a key of any hashable type. A key that equals an existing
// one (1 and True) replaces its value and keeps the old key, as in Python. An
// unhashable key is a TypeError.
func (o *Object) SetKey(key, v Value) error {
	if err := checkHashable(key); err != nil {
		return err
	}
	o.put(key, v)
	return nil
}

func (o *Object) put(key, v Value) {
	if i := o.index.find(o.keys, key); i >= 0 {
		o.size -= min(o.vals[i].extra(), o.size)
		o.vals[i] = v
	} else {
		o.keys = append(o.keys, key)
		o.vals = append(o.vals, v)
		o.index.added(o.keys)
		o.size = saturating(o.size, saturating(2*valueBytes, key.extra()))
		o.depth = max(o.depth, key.Depth()+1)
	}
	o.size = saturating(o.size, v.extra())
	o.depth = max(o.depth, v.Depth()+1)
}

// Get is the value of a string key. It allocates nothing.
func (o *Object) Get(key string) (Value, bool) {
	if i := o.index.findString(o.keys, key); i >= 0 {
		return o.vals[i], true
	}
	return Missing, false
}

// Find is Get for a caller that looks up the same key in many objects: it looks
// at the entry guess first. at is where the key stands, the next guess, or -1.
func (o *Object) Find(key string, guess int) (v Value, at int) {
	if uint(guess) < uint(len(o.keys)) {
		if k := &o.keys[guess]; k.w == uint64(len(key)) && k.kind == KindString && k.str() == key {
			return o.vals[guess], guess
		}
	}
	if at = o.index.findString(o.keys, key); at < 0 {
		return Missing, at
	}
	return o.vals[at], at
}

// GetKey is the value of a key of any type; false when it is absent or
// unhashable.
func (o *Object) GetKey(key Value) (Value, bool) {
	if key.kind == KindString {
		return o.Get(key.str())
	}
	if checkHashable(key) != nil {
		return Missing, false
	}
	if i := o.index.find(o.keys, key); i >= 0 {
		return o.vals[i], true
	}
	return Missing, false
}

// Keys is the string keys in order; keys of other types are left out.
func (o *Object) Keys() []string {
	keys := make([]string, 0, len(o.keys))
	for _, k := range o.keys {
		if k.kind == KindString {
			keys = append(keys, k.str())
		}
	}
	return keys
}

// Clone is a copy that may be changed. The values in it are shared.
func (o *Object) Clone() *Object {
	c := NewObject(len(o.keys))
	c.keys = append(c.keys, o.keys...)
	c.vals = append(c.vals, o.vals...)
	c.index.rebuild(c.keys)
	c.size, c.depth = o.size, o.depth
	return c
}

// setBody is a set: keys in order of insertion.
type setBody struct {
	keys  []Value
	index keyIndex
	size  int64
	depth int
}

func newSet(n int) *setBody {
	return &setBody{keys: make([]Value, 0, n), size: 96, depth: 1}
}

// add takes a hashable key.
func (s *setBody) add(key Value) {
	if s.index.find(s.keys, key) >= 0 {
		return
	}
	s.keys = append(s.keys, key)
	s.index.added(s.keys)
	s.size = saturating(s.size, saturating(valueBytes, key.extra()))
	s.depth = max(s.depth, key.Depth()+1)
}

func (s *setBody) has(key Value) bool { return s.index.find(s.keys, key) >= 0 }

func (s *setBody) value() Value { return Value{tag: tag{kind: KindSet}, p: unsafe.Pointer(s)} }

// Set is the set of the items, in order of their first appearance. An
// unhashable item (list, dict, set) is a TypeError.
func Set(items []Value) (Value, error) {
	s := newSet(len(items))
	for _, it := range items {
		if err := checkHashable(it); err != nil {
			return Null, err
		}
		s.add(it)
	}
	return s.value(), nil
}

// keyIndex finds keys by equality. Up to smallKeys keys it is empty and the
// keys are compared one by one, which is faster than hashing.
type keyIndex struct {
	strings map[string]int32
	// others holds the first key of each hash; next chains those that collide.
	others map[uint64]int32
	next   map[int32]int32
}

const smallKeys = 8

func (x *keyIndex) findString(keys []Value, key string) int {
	if len(keys) > smallKeys {
		if i, ok := x.strings[key]; ok {
			return int(i)
		}
		return -1
	}
	for i := range keys {
		if k := &keys[i]; k.w == uint64(len(key)) && k.kind == KindString && k.str() == key {
			return i
		}
	}
	return -1
}

// find is the position of a hashable key, or -1.
func (x *keyIndex) find(keys []Value, key Value) int {
	if key.kind == KindString {
		return x.findString(keys, key.str())
	}
	if holdsNaN(key) {
		return -1
	}
	if len(keys) <= smallKeys {
		for i := range keys {
			if Equal(keys[i], key) {
				return i
			}
		}
		return -1
	}
	if len(x.others) == 0 {
		return -1
	}
	i, ok := x.others[hashKey(key)]
	for ok {
		if Equal(keys[i], key) {
			return int(i)
		}
		i, ok = x.next[i]
	}
	return -1
}

// added is called when the last of keys was appended.
func (x *keyIndex) added(keys []Value) {
	switch n := len(keys); {
	case n == smallKeys+1:
		x.rebuild(keys)
	case n > smallKeys:
		x.insert(keys, n-1)
	}
}

func (x *keyIndex) rebuild(keys []Value) {
	*x = keyIndex{}
	if len(keys) <= smallKeys {
		return
	}
	x.strings = make(map[string]int32, min(cap(keys), math.MaxInt32))
	for i := range keys {
		x.insert(keys, i)
	}
}

func (x *keyIndex) insert(keys []Value, i int) {
	key := keys[i]
	if key.kind == KindString {
		x.strings[key.str()] = int32(i)
		return
	}
	if holdsNaN(key) {
		return // found by nothing, and all of one hash
	}
	if x.others == nil {
		x.others = map[uint64]int32{}
	}
	h := hashKey(key)
	if first, ok := x.others[h]; ok {
		if x.next == nil {
			x.next = map[int32]int32{}
		}
		x.next[int32(i)] = first
	}
	x.others[h] = int32(i)
}

// holdsNaN reports whether a hashable key is NaN or a tuple with NaN in it, which
// equals no key, so that each is a new one.
func holdsNaN(key Value) bool {
	switch key.kind {
	case KindFloat:
		return math.IsNaN(key.float())
	case KindDecimal:
		return key.decimal().isNaN()
	case KindTuple:
		return slices.ContainsFunc(key.sequence().items, holdsNaN)
	}
	return false
}
