package value

import "math"

// Shown is v for people who read JSON: what AppendJSON has no form for stands as
// its text. A handle to a secret becomes `<secret NAME>`, NaN `nan`, a key that is
// a tuple its repr. It is v itself where AppendJSON takes that.
func Shown(v Value) Value {
	if _, err := AppendJSON(nil, v); err == nil {
		return v
	}
	if checkEncodable(v) == nil {
		out := shown(v)
		if _, err := AppendJSON(nil, out); err == nil {
			return out
		}
	}
	return String(Repr(v))
}

func shown(v Value) Value {
	switch v.kind {
	case KindMissing, KindSecret:
		return String(Str(v))
	case KindInt:
		if checkDigits(v) != nil {
			return String("an int of too many digits")
		}
	case KindFloat:
		if f := v.float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return String(Repr(v))
		}
	case KindList, KindTuple, KindSet:
		items := v.Items()
		out := make([]Value, len(items))
		for i, x := range items {
			out[i] = shown(x)
		}
		return List(out)
	case KindObject:
		o := v.object()
		out := NewObject(o.Len())
		for i, k := range o.keys {
			if _, err := jsonKey(k); err != nil {
				k = String(Str(k))
			}
			if out.SetKey(k, shown(o.vals[i])) != nil {
				return String(Repr(v))
			}
		}
		return out.Value()
	}
	return v
}
