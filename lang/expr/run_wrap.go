package expr

import (
	"strings"

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
		var cur []rune
		last := 0 // where the last chunk of cur begins
		if len(lines) > 0 && blank(chunks[0]) {
			chunks = chunks[1:]
		}
		for len(chunks) > 0 && len(cur)+len(chunks[0]) <= width {
			last = len(cur)
			cur = append(cur, chunks[0]...)
			chunks = chunks[1:]
		}
		if len(chunks) > 0 && len(chunks[0]) > width {
			r := chunks[0]
			switch {
			case long:
				room := max(1, width-len(cur))
				if hyphens && len(r) > room {
					// break behind a hyphen if there is one in reach
					for k := room - 1; k > 0; k-- {
						if r[k] == '-' && hasNonHyphen(r[:k]) {
							room = k + 1
							break
						}
					}
				}
				last = len(cur)
				cur = append(cur, r[:room]...)
				chunks[0] = r[room:]
			case len(cur) == 0:
				cur = append(cur, r...)
				chunks = chunks[1:]
			}
		}
		if blank(cur[last:]) {
			cur = cur[:last]
		}
		if len(cur) > 0 {
			lines = append(lines, string(cur))
		}
	}
	return lines
}

func blank(r []rune) bool {
	for _, c := range r {
		if !isSpace(c) {
			return false
		}
	}
	return true
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
func wrapChunks(line string, hyphens bool) [][]rune {
	runes := []rune(line)
	var out [][]rune
	start, inSpace := 0, false
	flush := func(end int) {
		if start < end {
			out = append(out, runes[start:end:end])
		}
		start = end
	}
	for i, r := range runes {
		space := r == ' ' || r == '\t' || r == '\v' || r == '\f'
		if i > start && space != inSpace {
			flush(i)
		}
		inSpace = space
		if hyphens && r == '-' && breaksAfter(runes, i) {
			flush(i + 1)
		}
	}
	flush(len(runes))
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
