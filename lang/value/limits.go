package value

// Bounds on what an operation may produce. An operation that would go beyond
// one of them returns a LimitError before it computes anything.
const (
	// MaxIntBits bounds the size of integers, in bits (about 315,000 digits).
	MaxIntBits = 1 << 20
	// MaxIntDigits bounds the conversion of integers to and from decimal text,
	// in digits; it is CPython's default. Beyond it the error is a ValueError.
	MaxIntDigits = 4300
	// MaxDecimalDigits bounds the coefficient of a Decimal, in digits.
	// Results of arithmetic have at most 28; only literals can be longer.
	MaxDecimalDigits = 4300
	// MaxStringBytes bounds strings, in bytes of UTF-8.
	MaxStringBytes = 64 << 20
	// MaxItems bounds lists, tuples, sets and objects, in items.
	MaxItems = 16 << 20
	// MaxDepth bounds the nesting of what is parsed, encoded and hashed: a
	// scalar has depth 0, [] has depth 1.
	MaxDepth = 10_000
	// MaxEncoded bounds the Size of a value that is encoded, in bytes.
	MaxEncoded = 1 << 30
)
