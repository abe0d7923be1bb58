package value

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// generator makes values and operations that meet often enough to be
// interesting: few distinct keys, numbers around every bound, texts with case,
// marks and white space.
type generator struct{ *rand.Rand }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

var words = []string{
	"", "a", "b", "ab", "abc", "Hello, World", "it's", `say "hi"`, `both ' and "`, "  padded\t\n", "a,b,,c", "x=1;y=2",
	"ß", "İstanbul", "ΑΣ", "ΌΔΟΣ ΟΔΌΣ", "ﬁn", "ǆ", "ŉ", "é", "e\u0301", "日本語", "😀", "a😀b", "\u00a0nbsp\u2003", "\x1cfs\x1f", "line\nbreak\r\nx\u2028y",
	"٣", "²", "½", "Ⅷ", "一", "١٢٣", "\x00", "\x7f", "\u200b", "\ufeff", "tab\tback\\slash", "ªº", "ǅ word", "o'neil's", "ΐ", "K", "ﬀ",
	"1", "-1", "1.5", "0x1f", "1_000", "1__0", " 42 ", "+7", "1e5", "1E+5", "-0", "inf", "-Infinity", "nan", "NaN123", "sNaN", "1e400", ".5", "5.", "1e", "٣.٥", "0b101", "0o17", "010", "00", "--1", "1 2", "0_1", "_1", "1_", "٠",
}

func (g *generator) text() Value {
	switch g.IntN(4) {
	case 0:
		var b strings.Builder
		for range g.IntN(8) {
			b.WriteRune(pick(g, 'a', 'b', 'A', ' ', '\n', '1', '0', '.', '_', 'é', 'Σ', 'ß', '😀', '\'', '"', 'x', ',', '-', '\u0301', 'ſ'))
		}
		return String(b.String())
	case 1:
		return String(pick(g, words...) + pick(g, words...))
	}
	return String(pick(g, words...))
}

func (g *generator) int() Value {
	switch g.IntN(6) {
	case 0, 1:
		return Int(int64(g.IntN(21) - 10))
	case 2:
		return Int(int64(g.IntN(2_000_001) - 1_000_000))
	case 3:
		i := big.NewInt(1)
		i.Lsh(i, uint(pick(g, 31, 32, 52, 53, 54, 62, 63, 64, 65, 100, 128, 300, 1000, 1023, 1024, 1025, 1100, 2100)))
		i.Add(i, big.NewInt(int64(g.IntN(5)-2)))
		if g.IntN(2) == 0 {
			i.Neg(i)
		}
		return BigInt(i)
	case 4:
		i := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(g.IntN(40))), nil)
		i.Mul(i, big.NewInt(int64(g.IntN(199)-99)))
		return BigInt(i.Add(i, big.NewInt(int64(g.IntN(3)-1))))
	}
	i := new(big.Int)
	for range 1 + g.IntN(6) {
		i.Lsh(i, 64)
		i.Or(i, new(big.Int).SetUint64(g.Uint64()))
	}
	i.Rsh(i, uint(g.IntN(64)))
	if g.IntN(2) == 0 {
		i.Neg(i)
	}
	return BigInt(i)
}

func (g *generator) float() Value {
	switch g.IntN(8) {
	case 0:
		return Float(pick(g, 0, math.Copysign(0, -1), 1, -1, 0.5, 1.5, 2.5, 3.5, 0.1, 0.2, 0.3, 1e16, 1e15, 9999999999999998, 1e-4, 1e-5, 1.0/3,
			math.MaxFloat64, math.SmallestNonzeroFloat64, 2.2250738585072014e-308, 1e22, 1e23, 9007199254740993, 123456789.125, 2.675, 1.005, 1e308, -1e-308,
			math.Inf(1), math.Inf(-1), math.NaN(), 1<<63, -(1 << 63), 1<<53, 0.05, 0.15, 0.25, 1234.5, 99999.5, 999999.5))
	case 1, 2:
		return Float(float64(g.IntN(2001)-1000) / pick(g, 1.0, 2, 4, 8, 10, 100, 1000))
	case 3:
		return Float(float64(g.IntN(41) - 20))
	case 4:
		return Float(math.Ldexp(g.Float64()*2-1, g.IntN(200)-100))
	case 5:
		return Float((g.Float64()*2 - 1) * math.Pow(10, float64(g.IntN(30)-10)))
	case 6:
		f := math.Float64frombits(g.Uint64())
		return Float(f)
	}
	return Float(g.Float64() * 100)
}

func (g *generator) decimal() Value {
	if g.IntN(12) == 0 {
		return mustDecimal(pick(g, "0", "-0", "0.00", "0E+5", "-0E-7", "1", "1.0", "1E+3", "Infinity", "-Infinity", "NaN", "-NaN", "NaN12", "sNaN", "1E+999999", "9.999999999999999999999999999E+999999", "1E-999999", "1E-1000026", "-1E-1000027", "1E+1000000",
			"0.5", "1.5", "2.5", "1E-6", "1E-7", "123456789012345678901234567890", "0.1", "0.25", "0.1000000000000000055511151231257827021181583404541015625", "1E+308", "1E+309"))
	}
	digits := strconv.FormatUint(g.Uint64()>>g.IntN(64), 10)
	if g.IntN(5) == 0 {
		digits += strconv.FormatUint(g.Uint64(), 10)
	}
	if g.IntN(4) == 0 {
		digits += strings.Repeat("0", g.IntN(6))
	}
	exp := g.IntN(20) - 14
	if g.IntN(8) == 0 {
		exp = g.IntN(120) - 60
	}
	return mustDecimal(pick(g, "", "", "-") + digits + "E" + strconv.Itoa(exp))
}

func mustDecimal(s string) Value {
	v, err := ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return v
}

func (g *generator) number() Value {
	switch g.IntN(10) {
	case 0:
		return Bool(g.IntN(2) == 0)
	case 1, 2, 3:
		return g.float()
	case 4, 5, 6:
		return g.decimal()
	}
	return g.int()
}

func (g *generator) datetime() Value {
	at := time.Date(1+g.IntN(9999), time.Month(1+g.IntN(12)), 1+g.IntN(28), g.IntN(24), g.IntN(60), g.IntN(60), pick(g, 0, 0, 1000, 123456000, 999999000), time.UTC)
	if g.IntN(2) == 0 {
		return Datetime(at)
	}
	if at.Year() == 1 || at.Year() == 9999 {
		at = at.AddDate(pick(g, 10, -10)*(1-2*btoi(at.Year() == 9999))*btoi(true), 0, 0)
		if at.Year() < 2 || at.Year() > 9998 {
			at = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
		}
	}
	offset := pick(g, 0, 3600, -3600, 19800, -34200, 86340, 3661)
	y, mo, d := at.Date()
	return AwareDatetime(time.Date(y, mo, d, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.FixedZone("", offset)))
}

func (g *generator) rangeValue() Value {
	return Range(int64(g.IntN(21)-10), int64(g.IntN(41)-20), pick[int64](g, 1, 1, 2, 3, -1, -2, 7))
}

// hashable is a value that may be a key; few distinct ones, across types.
func (g *generator) hashable() Value {
	switch g.IntN(8) {
	case 0:
		return Null
	case 1:
		return Bool(g.IntN(2) == 0)
	case 2:
		return Int(int64(g.IntN(3)))
	case 3:
		return Float(float64(g.IntN(5)) / 2)
	case 4:
		return mustDecimal(pick(g, "0", "1", "1.0", "0.5", "2E0", "0.50", "1E+1"))
	case 5:
		return Tuple([]Value{Int(int64(g.IntN(2))), String(pick(g, "a", "b"))})
	}
	return String(pick(g, "a", "b", "c", "key", "é"))
}

func (g *generator) value(depth int) Value {
	n := 14
	if depth <= 0 {
		n = 8
	}
	switch g.IntN(n) {
	case 0:
		return Null
	case 1, 2:
		return g.number()
	case 3, 4, 5:
		return g.text()
	case 6:
		return g.int()
	case 7:
		if g.IntN(3) == 0 {
			return g.datetime()
		}
		return g.rangeValue()
	case 8, 9:
		return List(g.values(depth-1, 5))
	case 10:
		return Tuple(g.values(depth-1, 4))
	case 11:
		s, _ := Set(g.keys(5))
		return s
	}
	o := NewObject(0)
	for _, k := range g.keys(pick(g, 4, 4, 12)) {
		if v := g.value(depth - 1); g.IntN(2) == 0 {
			o.put(k, v)
		} else {
			o.put(k, g.hashable())
		}
	}
	return o.Value()
}

func (g *generator) values(depth, most int) []Value {
	out := make([]Value, g.IntN(most+1))
	same := g.IntN(2) == 0
	for i := range out {
		out[i] = g.value(depth)
		if same {
			out[i] = g.hashable()
		}
	}
	return out
}

func (g *generator) keys(most int) []Value {
	out := make([]Value, g.IntN(most+1))
	for i := range out {
		out[i] = g.hashable()
	}
	return out
}

// pair is two values of which something is likely to be the same.
func (g *generator) pair() (Value, Value) {
	switch g.IntN(4) {
	case 0:
		return g.value(2), g.value(2)
	case 1:
		return g.hashable(), g.hashable()
	case 2:
		a := g.number()
		return a, g.equalNumber(a)
	}
	return g.number(), g.number()
}

// equalNumber is the number in another type, or one close to it.
func (g *generator) equalNumber(v Value) Value {
	switch g.IntN(3) {
	case 0:
		if f, err := ToFloat(v); err == nil {
			return f
		}
	case 1:
		if d, err := ToDecimal(v); err == nil {
			return d
		}
	}
	if i, err := ToInt(v, Missing); err == nil {
		return i
	}
	return v
}

func (g *generator) index() Value {
	return pick(g, Null, Null, Int(int64(g.IntN(13)-6)), Int(int64(g.IntN(13)-6)), Int(int64(g.IntN(5)-2)), True, BigInt(new(big.Int).Lsh(big.NewInt(int64(g.IntN(3)-1)), 70)), Int(math.MaxInt64), Int(math.MinInt64))
}

func (g *generator) formatSpec() string {
	var b strings.Builder
	if g.IntN(3) == 0 {
		b.WriteString(pick(g, "", "", "*", "0", "é", "<", "{"))
		b.WriteString(pick(g, "<", ">", "^", "="))
	}
	b.WriteString(pick(g, "", "", "", "+", "-", " "))
	b.WriteString(pick(g, "", "", "", "", "", "z"))
	b.WriteString(pick(g, "", "", "", "", "#"))
	b.WriteString(pick(g, "", "", "", "0"))
	if g.IntN(3) == 0 {
		b.WriteString(strconv.Itoa(g.IntN(30)))
	}
	b.WriteString(pick(g, "", "", "", ",", "_"))
	if g.IntN(2) == 0 {
		b.WriteString("." + pick(g, "0", "1", "2", "3", "6", "10", "17", "40", ""))
	}
	b.WriteString(pick(g, "", "", "d", "f", "f", "e", "g", "E", "F", "G", "%", "n", "s", "b", "o", "x", "X", "c", "q"))
	return b.String()
}

func (g *generator) strftime() string {
	var b strings.Builder
	for range 1 + g.IntN(5) {
		b.WriteString("%" + pick(g, "a", "A", "b", "B", "c", "d", "f", "H", "I", "j", "m", "M", "p", "S", "U", "w", "W", "x", "X", "y", "Y", "z", "Z", "%", "G", "u", "V", "e", "D", "F", "T", "R", "h"))
		b.WriteString(pick(g, "", " ", "-", "é"))
	}
	return b.String()
}
