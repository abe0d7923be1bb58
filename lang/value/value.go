package value

// Kind is the Python type that a Value stands for.
type Kind uint8

// Kinds. Missing is not a value of the language: it is what reading an absent
// name gives, and operations on it are errors.
const (
	KindNull Kind = iota
	KindMissing
	KindBool
	KindInt
	KindFloat
	KindDecimal
	KindString
	KindList
	KindObject
	KindTuple
	KindSet
	KindDatetime
	KindRange
	KindSecret // a handle; its text is not in this process's values
)
