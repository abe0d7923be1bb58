package value

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/big"
	"math/bits"
)

// hashSeed differs in every process, so that nobody can craft keys that
// collide.
var hashSeed = maphash.MakeSeed()

// Hash is a hash under which equal values, of different types too, have the
// same hash. It differs from process to process. Lists, objects, sets and
// Missing are a TypeError.
func Hash(v Value) (uint64, error) {
	if err := checkHashable(v); err != nil {
		return 0, err
	}
	return hashKey(v), nil
}

func checkHashable(v Value) error {
	switch v.kind {
	case KindList, KindObject, KindSet, KindMissing:
		return typeErrorf("unhashable type: '%s'", v.kind)
	case KindDecimal:
		if v.decimal().form == signalingNaN {
			return typeErrorf("Cannot hash a signaling NaN value")
		}
	case KindTuple:
		for _, it := range v.sequence().items {
			if err := checkHashable(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// hashKey is the hash of a hashable value.
func hashKey(v Value) uint64 {
	switch v.kind {
	case KindBool:
		return hashInt(int64(v.w))
	case KindInt:
		if v.p == nil {
			return hashInt(int64(v.w))
		}
		return hashBig(v.bigBody())
	case KindFloat:
		return hashFloat(v.float())
	case KindDecimal:
		return v.decimal().hash()
	case KindString, KindSecret:
		return maphash.String(hashSeed, v.str())
	case KindDatetime:
		return hashInt(v.moment().t.UnixMicro())
	case KindTuple:
		h := uint64(len(v.sequence().items)) + 0x7475706c65
		for _, it := range v.sequence().items {
			h = mix(h, hashKey(it))
		}
		return h
	case KindRange:
		r := v.span()
		h := hashInt(int64(r.count()))
		if r.count() > 0 {
			h = mix(h, hashInt(r.start))
		}
		if r.count() > 1 {
			h = mix(h, hashInt(r.step))
		}
		return h
	}
	return uint64(v.kind) + 1
}

func mix(h, k uint64) uint64 {
	hi, lo := bits.Mul64(h^0x9e3779b97f4a7c15, k^0xbf58476d1ce4e5b9)
	return hi ^ lo ^ bits.RotateLeft64(k, 23)
}

func hashInt(i int64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(i))
	return maphash.Bytes(hashSeed, b[:])
}

func hashBig(i *big.Int) uint64 {
	h := maphash.Bytes(hashSeed, i.Bytes())
	if i.Sign() < 0 {
		h = ^h
	}
	return h
}

// hashFloat agrees with hashInt and hashBig for whole numbers. Others are an
// odd number times a negative power of two, as Decimals that equal a float.
func hashFloat(f float64) uint64 {
	switch {
	case math.IsNaN(f):
		return 1
	case math.IsInf(f, 0):
		return hashSign(f < 0)
	case f == math.Trunc(f):
		if math.Abs(f) < 1<<63 {
			return hashInt(int64(f))
		}
		i, _ := new(big.Float).SetFloat64(f).Int(nil)
		return hashInteger(i)
	}
	frac, exp := math.Frexp(f)
	m := int64(frac * (1 << 53))
	shift := bits.TrailingZeros64(uint64(m))
	return hashDyadic(big.NewInt(m>>shift), 53-exp-shift)
}

func hashSign(neg bool) uint64 {
	if neg {
		return hashInt(-271828)
	}
	return hashInt(314159)
}

// hashDyadic is the hash of odd × 2^-shift, shift > 0.
func hashDyadic(odd *big.Int, shift int) uint64 {
	return mix(hashInteger(odd), uint64(shift))
}

// hashInteger is the hash that BigInt(i) has.
func hashInteger(i *big.Int) uint64 {
	if i.IsInt64() {
		return hashInt(i.Int64())
	}
	return hashBig(i)
}
