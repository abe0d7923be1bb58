package machine

import (
	"math"
	"math/bits"

	"hexdag.dev/hexdag/lang/value"
)

// Tags keep different decisions apart in the digest.
const (
	tagEvent uint64 = iota + 1
	tagNode
	tagEffect
	tagCancel
	tagTimer
	tagStop
	tagFinish
	tagScope
	tagChild
)

// mix adds a decision to the run's digest.
func (m *Machine) mix(tag, a, b uint64) {
	m.digest = hashWords(m.digest, tag<<56^a, b)
}

func hashWords(h, a, b uint64) uint64 {
	hi, lo := bits.Mul64(h^a^0x9e3779b97f4a7c15, b^0xbf58476d1ce4e5b9)
	return hi ^ lo ^ bits.RotateLeft64(a, 29) ^ bits.RotateLeft64(h, 7)
}

func hashString(h uint64, s string) uint64 {
	h = hashWords(h, uint64(len(s)), 0x73)
	for len(s) >= 8 {
		w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = hashWords(h, w, 1)
		s = s[8:]
	}
	var w uint64
	for i := range len(s) {
		w |= uint64(s[i]) << (8 * i)
	}
	return hashWords(h, w, 2)
}

// hashBudget bounds how many scalars of a value the digest looks at: outputs are
// passed on by reference, and hashing the whole of a large one at every node
// would make a run quadratic. A divergence in the rest shows in the sizes or in
// what is computed from it.
const hashBudget = 64

// hashValue is a hash of v that is equal in every process.
func hashValue(h uint64, v value.Value) uint64 {
	budget := hashBudget
	return hashSome(h, v, &budget)
}

func hashSome(h uint64, v value.Value, budget *int) uint64 {
	if *budget <= 0 {
		return hashWords(h, uint64(v.Kind()), uint64(v.Size()))
	}
	*budget--
	switch v.Kind() {
	case value.KindNull, value.KindMissing:
		return hashWords(h, uint64(v.Kind()), 0)
	case value.KindBool:
		b, _ := v.AsBool()
		if b {
			return hashWords(h, uint64(value.KindBool), 1)
		}
		return hashWords(h, uint64(value.KindBool), 2)
	case value.KindInt:
		if i, ok := v.AsInt(); ok {
			return hashWords(h, uint64(value.KindInt), uint64(i))
		}
		b, _ := v.AsBig()
		return hashString(hashWords(h, uint64(value.KindInt), uint64(b.Sign())+7), string(b.Bytes()[:min(64, len(b.Bytes()))]))
	case value.KindFloat:
		f, _ := v.AsFloat()
		if f != f {
			return hashWords(h, uint64(value.KindFloat), 0x7ff8)
		}
		return hashWords(h, uint64(value.KindFloat), math.Float64bits(f))
	case value.KindString:
		s, _ := v.AsString()
		return hashText(hashWords(h, uint64(value.KindString), uint64(len(s))), s)
	case value.KindSecret:
		s, _ := v.AsSecret()
		return hashText(hashWords(h, uint64(value.KindSecret), uint64(len(s))), s)
	case value.KindObject:
		o, _ := v.Object()
		h = hashWords(h, uint64(value.KindObject), uint64(o.Len()))
		for i := 0; i < o.Len() && *budget > 0; i++ {
			k, x := o.At(i)
			h = hashSome(hashSome(h, k, budget), x, budget)
		}
		return h
	case value.KindList, value.KindTuple, value.KindSet:
		items := v.Items()
		h = hashWords(h, uint64(v.Kind()), uint64(len(items)))
		for i := 0; i < len(items) && *budget > 0; i++ {
			h = hashSome(h, items[i], budget)
		}
		return h
	}
	return hashText(hashWords(h, uint64(v.Kind()), 0), value.Str(v))
}

// hashText looks at the beginning and the end of a long text.
func hashText(h uint64, s string) uint64 {
	const most = 512
	if len(s) <= most {
		return hashString(h, s)
	}
	return hashString(hashString(h, s[:most/2]), s[len(s)-most/2:])
}

// random is a number that depends on nothing but the run's seed, a path, an
// attempt and a counter: replays draw it again.
func (m *Machine) random(path string, try uint16, n uint64) uint64 {
	return hashWords(hashString(m.seed, path), uint64(try), n)
}
