package value

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
