package value

import (
	"math/big"
	"time"
)

type moment struct {
	t     time.Time
	aware bool
}

type decimal struct {
	coef big.Int
}

func (d *decimal) bytes() int64 { return 64 }

func Datetime(t time.Time) Value      { return Null }
func AwareDatetime(t time.Time) Value { return Null }
func (v Value) IsAware() bool         { return false }

func ParseDecimal(s string) (Value, error) { return Null, nil }

func Add(a, b Value) (Value, error)      { return Null, nil }
func Sub(a, b Value) (Value, error)      { return Null, nil }
func Mul(a, b Value) (Value, error)      { return Null, nil }
func Div(a, b Value) (Value, error)      { return Null, nil }
func FloorDiv(a, b Value) (Value, error) { return Null, nil }
func Mod(a, b Value) (Value, error)      { return Null, nil }
func Pow(a, b Value) (Value, error)      { return Null, nil }
func PowMod(a, b, m Value) (Value, error) {
	return Null, nil
}
func Neg(a Value) (Value, error) { return Null, nil }
func Pos(a Value) (Value, error) { return Null, nil }
func Abs(a Value) (Value, error) { return Null, nil }

// Round is round(v) when digits is Missing or None, else round(v, digits).
func Round(v, digits Value) (Value, error) { return Null, nil }

func Equal(a, b Value) bool                     { return false }
func Less(a, b Value) (bool, error)             { return false, nil }
func LessEqual(a, b Value) (bool, error)        { return false, nil }
func Compare(a, b Value) (int, error)           { return 0, nil }
func Contains(container, x Value) (bool, error) { return false, nil }
func Identical(a, b Value) bool                 { return false }
func Truthy(v Value) bool                       { return false }
func Hash(v Value) (uint64, error)              { return 0, nil }
func hashKey(v Value) uint64                    { return 0 }
func checkHashable(v Value) error               { return nil }

func Str(v Value) string  { return "" }
func Repr(v Value) string { return "" }

// ToStr and ToRepr are Str and Repr with the bounds checked: what str(v) in the language is.
func ToStr(v Value) (Value, error)                { return Null, nil }
func ToRepr(v Value) (Value, error)               { return Null, nil }
func Format(v Value, spec string) (string, error) { return "", nil }

func Index(x, key Value) (Value, error)          { return Null, nil }
func Slice(x, lo, hi, step Value) (Value, error) { return Null, nil }

// Iterate lists the items that `for` sees: elements, keys, code points, numbers of a range (bounded by MaxItems).
func Iterate(v Value) ([]Value, error) { return nil, nil }

// Sort sorts items in place, stably; SortBy by keys.
func Sort(items []Value, reverse bool) error         { return nil }
func SortBy(items, keys []Value, reverse bool) error { return nil }

// ToInt is int(v) with base Missing, or int(v, base).
func ToInt(v, base Value) (Value, error)  { return Null, nil }
func ToFloat(v Value) (Value, error)      { return Null, nil }
func ToDecimal(v Value) (Value, error)    { return Null, nil }
func RangeOf(args []Value) (Value, error) { return Null, nil }

// Keyword is one name=value argument of a method.
type Keyword struct {
	Name  string
	Value Value
}

// Method is a method of a kind of value.
type Method func(recv Value, args []Value, kw []Keyword) (Value, error)

func LookupMethod(k Kind, name string) (Method, bool) { return nil, false }
func MethodNames(k Kind) []string                     { return nil }

type JSONLimits struct {
	MaxBytes int // 0: no bound but memory
	MaxDepth int // 0: MaxDepth
	MaxItems int
	// ReplaceLoneSurrogates reads half of a surrogate pair as U+FFFD instead of failing.
	ReplaceLoneSurrogates bool
}

func ParseJSON(data []byte, lim JSONLimits) (Value, error)                        { return Null, nil }
func AppendJSON(dst []byte, v Value) ([]byte, error)                              { return nil, nil }
func AppendJSONIndent(dst []byte, v Value, prefix, indent string) ([]byte, error) { return nil, nil }
func AppendCBOR(dst []byte, v Value) ([]byte, error)                              { return nil, nil }
func DecodeCBOR(data []byte) (Value, error)                                       { return Null, nil }
func Digest(v Value) [32]byte                                                     { return [32]byte{} }
func FromGo(x any) (Value, error)                                                 { return Null, nil }
func ToGo(v Value) any                                                            { return nil }
