package expr

import "hexdag.dev/hexdag/lang/value"

type Rules struct{}

func admits(*Type, value.Value) bool  { return false }
func AppendType([]byte, *Type) []byte { return nil }
