package syntax

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/source"
)

// TestTextMap: a piece of a scalar's value, marked by ‹ and ›, leads to a piece
// of the file, marked by « and ».
func TestTextMap(t *testing.T) {
	for _, test := range []struct{ name, file, value string }{
		{"plain", "a: hello «world» again\n", "hello ‹world› again"},
		{"plain, whole", "a: «hello»\n", "‹hello›"},
		{"plain of several lines", "a: hello\n   «world»\n   again\n", "hello ‹world› again"},
		{"plain across a line break", "a: hel«lo\n   wor»ld\n", "hel‹lo wor›ld"},
		{"single quotes", "a: 'it''s «{{ x }}»'\n", "it's ‹{{ x }}›"},
		{"an escaped apostrophe", "a: 'it«''»s'\n", "it‹'›s"},
		{"double quotes", "a: \"\\tb «{{ x }}»\"\n", "\tb ‹{{ x }}›"},
		{"an escape", "a: \"é«\\u00e9»c\"\n", "é‹é›c"},
		{"an escape of four bytes", "a: \"«\\U0001F600»c\"\n", "‹😀›c"},
		{"a surrogate pair", "a: \"«\\ud83d\\ude00»c\"\n", "‹😀›c"},
		{"an escaped line break", "a: \"b\\\n   «c»\"\n", "b‹c›"},
		{"folded quotes", "a: \"b\n\n   «c» d\"\n", "b\n‹c› d"},
		{"a wrong escape stands for itself", "a: \"b «\\d» c\"\n", "b ‹\\d› c"},
		{"literal", "a: |\n  hello\n  «{{ x }}» again\n", "hello\n‹{{ x }}› again\n"},
		{"literal over two lines", "a: |\n  hel«lo\n  wor»ld\n", "hel‹lo\nwor›ld\n"},
		{"literal, further indented", "a: |\n  b\n    «c»\n", "b\n  ‹c›\n"},
		{"literal with stated indentation", "a: |2\n    b «c»\n", "  b ‹c›\n"},
		{"literal in an item", "- |\n  «b»\n- c\n", "‹b›\n"},
		{"folded", "a: >\n  hello\n  «world»\n\n  again\n", "hello ‹world›\nagain\n"},
		{"folded, the space", "a: >\n  hello«\n  »world\n", "hello‹ ›world\n"},
		{"folded, further indented", "a: >\n  b\n\n    c\n  «d»\n", "b\n\n  c\n‹d›\n"},
		{"literal with CRLF", "a: |\r\n  b\r\n  «c»\r\n", "b\n‹c›\n"},
		{"unclosed quote", "a: \"b «c»\nd: e\n", "b ‹c›"},
		{"unquoted template", "a: {{ «x» }} b\n", "{{ ‹x› }} b"},
		{"behind a byte order mark", bom + "a: «b»\n", "‹b›"},
		{"line break at the end", "a: |\n  b«\n»\n", "b‹\n›"},
		{"line breaks kept", "a: |+\n  b\n«\n»", "b\n‹\n›"},
	} {
		text := strings.NewReplacer("«", "", "»", "").Replace(test.file)
		tree := mustHold(t, text)
		n := tree.Docs[0].Root
		if n.Kind == Mapping {
			n = n.Get("a")
		} else {
			n = n.Items[0]
		}
		value := strings.NewReplacer("‹", "", "›", "").Replace(test.value)
		if n.Value != value {
			t.Errorf("%s: the value is %q, want %q", test.name, n.Value, value)
			continue
		}
		from := strings.Index(test.value, "‹")
		to := strings.Index(test.value, "›") - len("‹")
		start := strings.Index(test.file, "«")
		end := strings.Index(test.file, "»") - len("«")
		m := tree.TextMap(n)
		if got, want := m.Span(span(from, to)), span(start, end); got != want {
			t.Errorf("%s: %v %q, want %v %q", test.name, got, text[got.Start:got.End], want, text[want.Start:want.End])
		}
		if back, ok := m.Text(start); !ok || back != from {
			t.Errorf("%s: %d in the file is %d in the text, %t; want %d", test.name, start, back, ok, from)
		}
	}
}

// TestTextMapOfWhatHasNoText: an empty value stands where its text would.
func TestTextMapOfWhatHasNoText(t *testing.T) {
	tree := mustHold(t, "a:\nb: ''\nc: \"\"\nd: |\ne: &x [f]\ng: *x\n")
	root := tree.Docs[0].Root
	for key, want := range map[string]int{"a": 2, "b": 7, "c": 13, "d": 19} {
		if got := tree.TextMap(root.Get(key)); got.File(0) != want || got.TextEnd != 0 {
			t.Errorf("%s: %d, want %d", key, got.File(0), want)
		}
	}
	if got := tree.TextMap(root.Get("g")).Span(source.Span{Start: 0, End: 1}); tree.File.Slice(got) != "x" {
		t.Errorf("the alias's name is %q", tree.File.Slice(got))
	}
}
