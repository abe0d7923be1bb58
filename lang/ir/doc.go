// Package ir is the compiled form of a program: what the compiler emits and the
// runtime executes.
//
// Input: a Program, as lowering builds it, or the bytes of a .hexir file.
// Output: the other one of the two (Encode, Decode), a verdict on its integrity
// (Verify), its hashes (FullHash, SemanticHash) and its rendering as JSON
// (ShowJSON).
//
// Invariants: a Program is immutable once it was published and safe for
// concurrent use; each Program has exactly one encoding, the same on every
// machine; a decoded Program has passed Verify, so that its users index without
// checks; a Program holds no secret (only references to them) and no absolute
// path.
//
// The three hardest cases: hostile input, which may claim lengths, nesting and
// numbers that it does not hold and still carry a fitting hash (serial.go); a
// hash that stays the same when a manifest is reformatted but changes with every
// change of meaning (hash.go); numbers into lists that nest as bodies do, whose
// every use must be in range (verify.go).
package ir
