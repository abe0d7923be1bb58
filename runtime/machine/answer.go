package machine

import "strings"

// jsonCandidates are the parts of a model's answer that may be the JSON that was
// asked for, best first: the whole text, a fenced block, the outermost braces or
// brackets, and each of these without comments and trailing commas.
func jsonCandidates(text string) []string {
	var list []string
	seen := map[string]bool{}
	add := func(s string) {
		s = strings.TrimSpace(s)
		if s != "" && !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "\ufeff")
	parts := []string{text}
	if body, ok := fenced(text); ok {
		parts = append(parts, body)
	}
	if s, ok := balanced(text); ok {
		parts = append(parts, s)
	}
	for _, s := range parts {
		add(s)
	}
	for _, s := range parts {
		add(lenient(s))
	}
	return list
}

// fenced is the inside of the first ``` block.
func fenced(s string) (string, bool) {
	_, rest, ok := strings.Cut(s, "```")
	if !ok {
		return "", false
	}
	if line, after, ok := strings.Cut(rest, "\n"); ok && !strings.ContainsAny(line, "{[\"") {
		rest = after // the language behind the fence
	}
	body, _, _ := strings.Cut(rest, "```")
	return body, true
}

// balanced is the text from the first opening brace or bracket to the one that
// closes it, or to the end of the text if none does.
func balanced(s string) (string, bool) {
	start := strings.IndexAny(s, "{[")
	if start < 0 {
		return "", false
	}
	depth, inString := 0, false
	for i := start; i < len(s); i++ {
		c := s[i]
		switch {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
			if depth == 0 {
				return s[start : i+1], true
			}
		}
	}
	return s[start:], true
}

// lenient drops comments and commas before a closing brace or bracket.
func lenient(s string) string {
	b := make([]byte, 0, len(s))
	comma := -1 // where in b a comma stands that may be dropped
	inString := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case inString:
			if c == '\\' && i+1 < len(s) {
				b = append(b, c)
				i++
				c = s[i]
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString, comma = true, -1
		case c == '/' && i+1 < len(s) && s[i+1] == '/':
			for i+1 < len(s) && s[i+1] != '\n' {
				i++
			}
			continue
		case c == '/' && i+1 < len(s) && s[i+1] == '*':
			end := strings.Index(s[i+2:], "*/")
			if end < 0 {
				return string(b)
			}
			i += end + 3
			continue
		case c == ',':
			comma = len(b)
		case c == '}' || c == ']':
			if comma >= 0 {
				b = append(b[:comma], b[comma+1:]...) // only blanks are behind it
			}
			comma = -1
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		default:
			comma = -1
		}
		b = append(b, c)
	}
	return string(b)
}
