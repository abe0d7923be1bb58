// Package value is the data of the language: JSON values with Python's
// semantics. What a node returns, what an expression computes and what the
// journal keeps are all Values.
//
// # In and out
//
// Values come from Go (constructors, FromGo), JSON (ParseJSON), CBOR
// (DecodeCBOR) and from operations on other values (Add, Index, Format, the
// methods that LookupMethod finds, …). They leave as Python text (Str, Repr, Format), JSON
// (AppendJSON), CBOR (AppendCBOR) and Go data (ToGo). CPython 3 is the oracle
// for every operation: same result, same kind of error. The few differences (there
// are no complex numbers, sets keep the order of insertion, …) are listed and held
// by the table in differences_test.go; and what Python would compute although the
// result is huge is a LimitError here.
//
// # Invariants
//
//   - A Value is immutable and safe for concurrent use. Whoever passes a slice
//     to List or Tuple, or an *Object to Object.Value, gives it away.
//   - Text is valid UTF-8; lengths and indexes count code points.
//   - An integer that fits into 64 bits is never a *big.Int inside.
//   - Containers know their size and depth from the moment they are made: Size
//     and Depth cost nothing, so a caller can refuse a value before it prints,
//     compares or encodes it.
//   - What could explode (`'a' * 10**9`, `10 ** 10**9`, a format width) is
//     refused with a LimitError before it is computed; the bounds stand in
//     limits.go.
//   - Bad input is an *Error, never a panic.
//
// # The three hardest cases
//
//  1. Equality and hashing across number types: 1, 1.0, True and Decimal('1.00')
//     are one dictionary key, and Decimal('0.1') is not 0.1. Numbers are compared
//     exactly, never through a float; see compare.go and hash.go.
//  2. Text of numbers: float repr, `round`, `**` and the format mini-language
//     have to agree with C's dtoa and libm to the last digit; see float.go and
//     format.go.
//  3. Decimals: precision 28, half-even, exponents up to ±999999, with the
//     signals that Python traps by default as errors; see decimal.go.
//
// # Decimals
//
// Decimals are a coefficient (math/big) and an exponent, written here, because
// neither library fits. cockroachdb/apd spends 4 ms of every process start in
// package initialisation, nearly hexc's whole budget. ericlagergren/decimal
// spends 0.5 to 0.9 ms there; its plain arithmetic is right, but it does not
// honour the context's exponents (no Overflow, no subnormal results), expands an
// exponent of a million into digits (milliseconds per operation, and an attack),
// and says InvalidOperation as a NaN with a payload. What is needed here is eight
// operations at one fixed context, and Python's text.
package value
