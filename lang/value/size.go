package value

import "math"

const valueBytes = 24 // of one Value

// Size is about how many bytes v takes, counting shared parts every time they
// appear; at least the length of what an encoder would write for text and
// numbers, divided by 4. It costs O(1): containers are measured when made.
func (v Value) Size() int64 { return saturating(valueBytes, v.extra()) }

// extra is what v takes beside its own 24 bytes.
func (v Value) extra() int64 {
	switch v.kind {
	case KindString, KindSecret:
		return int64(v.w)
	case KindInt:
		if v.p != nil {
			return 24 + int64(len(v.bigBody().Bits()))*8
		}
	case KindDecimal:
		return v.decimal().bytes()
	case KindList, KindTuple:
		return v.sequence().size
	case KindSet:
		return v.setBody().size
	case KindObject:
		return v.object().size
	case KindDatetime, KindRange:
		return 32
	}
	return 0
}

// Depth is how deep v nests: 0 for a scalar, 1 for [] and {}. It costs O(1). Of an
// object whose deepest entry was replaced it may say too much.
func (v Value) Depth() int {
	switch v.kind {
	case KindList, KindTuple:
		return v.sequence().depth
	case KindSet:
		return v.setBody().depth
	case KindObject:
		return v.object().depth
	}
	return 0
}

// measure is the size and the depth of a container with these items.
func measure(items []Value) (size int64, depth int) {
	size = saturating(40, int64(len(items))*valueBytes)
	for i := range items {
		if items[i].p != nil {
			size = saturating(size, items[i].extra())
			depth = max(depth, items[i].Depth())
		}
	}
	return size, depth + 1
}

// saturating is a+b for non-negative numbers, at most MaxInt64: a value that
// holds itself twice, sixty times over, has an astronomical size.
func saturating(a, b int64) int64 {
	if s := a + b; s >= 0 {
		return s
	}
	return math.MaxInt64
}
