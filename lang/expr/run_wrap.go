package expr

import (
	"strings"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// filterWordWrap wraps each line on its own, as Python's textwrap does without
// expanding tabs, replacing or dropping white space inside lines.
func filterWordWrap(fr *frame, at Node, a []value.Value) (value.Value, error) {
	text, err := textArg(fr, at, a[0])
	if err != nil {
		return value.Null, err
	}
	width, err := intArg("width", a[1], 79)
	if err != nil {
		return value.Null, err
	}
	if width <= 0 {
		return value.Null, valueErrorf("invalid width %d (must be > 0)", width)
	}
	long, hyphens := boolArg(a[2], true), boolArg(a[4], true)
	newline := "\n"
	if !a[3].IsMissing() && !a[3].IsNull() {
		if newline, err = textArg(fr, at, a[3]); err != nil {
			return value.Null, err
		}
	}
	if e := fr.made(int64(len(text))*2, at); e != nil {
		return value.Null, e
	}
	var b strings.Builder
	for i, line := range splitLines(text) {
		if i > 0 {
			b.WriteString(newline)
		}
		b.WriteString(strings.Join(wrapLine(line, int(min(width, 1<<30)), long, hyphens), newline))
	}
	return value.String(b.String()), nil
}

// wrapLine is textwrap.TextWrapper.wrap for one line.
func wrapLine(line string, width int, long, hyphens bool) []string {
	chunks := wrapChunks(line, hyphens)
	var lines []string
	for len(chunks) > 0 {
		var cur []string
		size := 0
		if len(lines) > 0 && strings.TrimSpace(chunks[0]) == "" {
			chunks = chunks[1:]
		}
		for len(chunks) > 0 {
			n := utf8.RuneCountInString(chunks[0])
			if size+n > width {
				break
			}
			cur = append(cur, chunks[0])
			size += n
			chunks = chunks[1:]
		}
		if len(chunks) > 0 && utf8.RuneCountInString(chunks[0]) > width {
			if long {
				r := []rune(chunks[0])
				room := max(1, width-size)
				if hyphens && len(r) > room {
					// break behind a hyphen if there is one in reach
					for k := room - 1; k > 0; k-- {
						if r[k] == '-' && hasNonHyphen(r[:k]) {
							room = k + 1
							break
						}
					}
				}
				cur = append(cur, string(r[:room]))
				chunks[0] = string(r[room:])
			} else if len(cur) == 0 {
				cur = append(cur, chunks[0])
				chunks = chunks[1:]
			}
		}
		if n := len(cur); n > 0 && strings.TrimSpace(cur[n-1]) == "" {
			cur = cur[:n-1]
		}
		if len(cur) > 0 {
			lines = append(lines, strings.Join(cur, ""))
		}
	}
	return lines
}

func hasNonHyphen(r []rune) bool {
	for _, c := range r {
		if c != '-' {
			return true
		}
	}
	return false
}

// wrapChunks cuts a line into words and the white space between them; words
// with hyphens are cut behind each one that stands between letters.
func wrapChunks(line string, hyphens bool) []string {
	var out []string
	start, inSpace := 0, false
	flush := func(end int) {
		if start < end {
			out = append(out, line[start:end])
		}
		start = end
	}
	runes := []rune(line)
	pos := 0
	for i, r := range runes {
		space := r == ' ' || r == '\t' || r == '\v' || r == '\f'
		if pos > start && space != inSpace {
			flush(pos)
		}
		inSpace = space
		size := utf8.RuneLen(r)
		if size < 0 {
			size = 1
		}
		pos += size
		if hyphens && r == '-' && breaksAfter(runes, i) {
			flush(pos)
		}
	}
	flush(len(line))
	return out
}

// breaksAfter reports whether a line may end behind the hyphen at i: at least
// two letters before it and a letter behind it.
func breaksAfter(r []rune, i int) bool {
	letter := func(k int) bool {
		return k >= 0 && k < len(r) && isNamePart(r[k]) && !('0' <= r[k] && r[k] <= '9')
	}
	word := func(k int) bool { return k >= 0 && k < len(r) && isNamePart(r[k]) }
	if !letter(i+1) || !(letter(i+2) || i+2 < len(r) && r[i+2] == '-' && letter(i+3)) {
		return false
	}
	return letter(i-1) && (letter(i-2) || word(i-2) && letter(i-1))
}
