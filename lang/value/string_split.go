package value

import (
	"math"
	"strings"
	"unicode/utf8"
)

// splitMethod is split and rsplit: by a separator or by white space, at most
// maxsplit times from one end.
func splitMethod(name string, split func(s, sep string, limit int) []string) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind(name, args, kw, 0, "sep", "maxsplit")
		if err != nil {
			return Null, err
		}
		limit, err := intArg(a[1], -1)
		if err != nil {
			return Null, err
		}
		if limit < 0 {
			limit = math.MaxInt32
		}
		limit = min(limit, math.MaxInt32)
		sep := ""
		switch {
		case a[0].kind == KindString:
			if sep = a[0].str(); sep == "" {
				return Null, valueErrorf("empty separator")
			}
			if n := strings.Count(v.str(), sep) + 1; n > MaxItems && limit >= MaxItems {
				return Null, errTooManyItems(uint64(n))
			}
		case !a[0].IsMissing() && !a[0].IsNull():
			return Null, typeErrorf("must be str or None, not %s", a[0].kind)
		}
		parts := split(v.str(), sep, int(limit))
		if len(parts) > MaxItems {
			return Null, errTooManyItems(uint64(len(parts)))
		}
		return stringList(parts), nil
	}
}

func stringList(parts []string) Value {
	out := make([]Value, len(parts))
	for i, p := range parts {
		out[i] = String(p)
	}
	return List(out)
}

func splitLeft(s, sep string, limit int) []string {
	if sep != "" {
		return strings.SplitN(s, sep, limit+1)
	}
	var parts []string
	for s = strings.TrimLeftFunc(s, isSpace); s != ""; s = strings.TrimLeftFunc(s, isSpace) {
		if len(parts) == limit {
			return append(parts, s)
		}
		end := strings.IndexFunc(s, isSpace)
		if end < 0 {
			end = len(s)
		}
		parts = append(parts, s[:end])
		s = s[end:]
	}
	return parts
}

func splitRight(s, sep string, limit int) []string {
	var parts []string
	if sep != "" {
		for len(parts) < limit {
			i := strings.LastIndex(s, sep)
			if i < 0 {
				break
			}
			parts = append(parts, s[i+len(sep):])
			s = s[:i]
		}
		parts = append(parts, s)
		return reversed(parts)
	}
	for s = strings.TrimRightFunc(s, isSpace); s != ""; s = strings.TrimRightFunc(s, isSpace) {
		if len(parts) == limit {
			parts = append(parts, s)
			break
		}
		start := 0
		if i := strings.LastIndexFunc(s, isSpace); i >= 0 {
			_, n := utf8.DecodeRuneInString(s[i:])
			start = i + n
		}
		parts = append(parts, s[start:])
		s = s[:start]
	}
	return reversed(parts)
}

func reversed(parts []string) []string {
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return parts
}

func splitlinesMethod(v Value, args []Value, kw []Keyword) (Value, error) {
	a, err := bind("splitlines", args, kw, 0, "keepends")
	if err != nil {
		return Null, err
	}
	keepends, err := intArg(a[0], 0)
	if err != nil {
		return Null, err
	}
	if keepends != int64(int32(keepends)) {
		return Null, errorf(OverflowError, "Python int too large to convert to C int")
	}
	keep := keepends != 0
	var parts []string
	s := v.str()
	start := 0
	for i, r := range s {
		if i < start || !isLineBreak(r) {
			continue // the \n of \r\n
		}
		end := i
		next := i + utf8.RuneLen(r)
		if r == '\r' && strings.HasPrefix(s[next:], "\n") {
			next++
		}
		if keep {
			end = next
		}
		parts = append(parts, s[start:end])
		start = next
	}
	if start < len(s) {
		parts = append(parts, s[start:])
	}
	if len(parts) > MaxItems {
		return Null, errTooManyItems(uint64(len(parts)))
	}
	return stringList(parts), nil
}

func isLineBreak(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= 0x1c && r <= 0x1e || r == 0x85 || r == 0x2028 || r == 0x2029
}

func partitionMethod(name string, find func(s, sep string) int, last bool) Method {
	return func(v Value, args []Value, kw []Keyword) (Value, error) {
		a, err := bind(name, args, kw, 1, "sep")
		if err != nil {
			return Null, err
		}
		sep, err := textArg(name, a[0])
		if err != nil {
			return Null, err
		}
		if sep == "" {
			return Null, valueErrorf("empty separator")
		}
		s := v.str()
		empty := asciiString("")
		i := find(s, sep)
		switch {
		case i >= 0:
			return Tuple([]Value{String(s[:i]), a[0], String(s[i+len(sep):])}), nil
		case last:
			return Tuple([]Value{empty, empty, v}), nil
		}
		return Tuple([]Value{v, empty, empty}), nil
	}
}
