package format

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/source"
)

// TestLargeFiles would take minutes, or gigabytes, if anything were quadratic.
func TestLargeFiles(t *testing.T) {
	for name, text := range map[string]string{
		"many lines":            strings.Repeat("- {a:   1,  b: [1,2, 3]} # c\n", 60_000),
		"one long line":         "a: [" + strings.Repeat("{b: 1, c: 'd'}, ", 60_000) + "]\n",
		"one long JSON line":    "{" + strings.Repeat(`"x": [1, {"y": 2}], `, 1) + `"z": [` + strings.Repeat(`{"b": 1}, `, 60_000) + "1]}\n",
		"deep brackets":         "a: " + strings.Repeat("[", 900) + strings.Repeat("x, ", 60_000) + strings.Repeat("]", 900) + "\n",
		"deep blocks":           strings.Repeat("- ", 900) + "x\n",
		"deep and long":         strings.Repeat("- ", 300) + "{" + strings.Repeat("b, ", 1) + "c: [" + strings.Repeat("dddddddddddddddddddddddd, ", 30_000) + "]}\n",
		"deep, long, a comment": strings.Repeat("- ", 300) + "{b, # comment\n" + strings.Repeat(" ", 1000) + "c: [" + strings.Repeat("dddddddddddddddddddddddd, ", 30_000) + "]}\n",
		"a long text":           "a: |\n" + strings.Repeat("  text  \n\n", 100_000),
		"a long plain text":     "a: " + strings.Repeat("text\n  ", 100_000) + "\n",
		"many comments":         strings.Repeat("# comment\n", 100_000) + "a: 1\n",
		"comments on one value": "a:\n" + strings.Repeat("  # comment\n", 100_000) + "  b\n",
		"aligned comments":      strings.Repeat("a:    # c\n - b # c\n - ccc # c\n", 1) + strings.Repeat("# x\n", 50_000),
		"blank lines":           "a: 1\n" + strings.Repeat("\n", 200_000) + "b: 1\n",
		"blanks":                "a:" + strings.Repeat(" ", 500_000) + "1 # c\n",
	} {
		t.Run(name, func(t *testing.T) {
			out, findings, ok := File(source.NewFile("f", []byte(text)))
			if !ok {
				t.Fatal(findings[0].Message)
			}
			if len(out) > 4*len(text)+1000 {
				t.Errorf("%d bytes became %d", len(text), len(out))
			}
		})
	}
}
