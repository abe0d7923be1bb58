package render

import (
	"testing"

	"hexdag.dev/hexdag/lang/source"
)

// TestLocatorAgreesWithFile walks forwards, backwards and across lines.
func TestLocatorAgreesWithFile(t *testing.T) {
	for _, content := range []string{"", "ab\ncd", "\ufeffäb\r\ncé\rd\n\n", "日本\xff語\n"} {
		f := source.NewFile("f", []byte(content))
		l := newLocator()
		for a := 0; a <= len(content)+1; a++ {
			for b := 0; b <= len(content)+1; b++ {
				for _, offset := range []int{a, b} {
					if !boundary(content, offset) {
						continue
					}
					if got, want := l.position(f, offset), f.Position(offset); got != want {
						t.Fatalf("%q: offset %d (after %d, %d): %+v, want %+v", content, offset, a, b, got, want)
					}
				}
			}
		}
	}
}

// boundary reports whether offset is the start of a character, as spans' ends are.
func boundary(s string, offset int) bool {
	if offset >= len(s) {
		return true
	}
	for i := range s {
		if i == offset {
			return true
		}
	}
	return false
}
