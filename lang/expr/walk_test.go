package expr

import (
	"strings"
	"testing"
)

// TestAt puts the cursor at each | of a text and shows the nodes there.
func TestAt(t *testing.T) {
	for src, want := range map[string]string{
		"a.b|.c + d":                    "a.b.c + d > a.b.c > a.b",
		"a.b.c| + d":                    "a.b.c + d > a.b.c",
		"a|.b.c + d":                    "a.b.c + d > a.b.c > a.b > a",
		"f(len(x|), 1)":                 "f(len(x), 1) > len(x) > x",
		"[y for x| in xs]":              "[y for x in xs]",
		"[y for x in xs|]":              "[y for x in xs] > xs",
		"a.b.|":                         "a.b. > a.b.",
		"Hello {{ user.na|me }}!":       "Hello {{ user.name }}! > {{ user.name }} > user.name",
		"{% if a %}{{ b| }}{% endif %}": "{% if a %}{{ b }}{% endif %} > {% if a %}{{ b }}{% endif %} > {{ b }} > {{ b }} > b",
		"Hel|lo":                        "Hello > Hello",
	} {
		offset := strings.IndexByte(src, '|')
		src = strings.Replace(src, "|", "", 1)
		var n Node
		if IsTemplate(src) || src == "Hello" {
			n, _ = ParseTemplate(Text{Src: src})
		} else {
			n, _ = Parse(Text{Src: src})
		}
		var got []string
		for _, m := range At(n, offset) {
			got = append(got, Print(m))
		}
		if s := strings.Join(got, " > "); s != want {
			t.Errorf("%s at %d: %s, want %s", src, offset, s, want)
		}
	}
}

// TestInferAll types what stands before the dot of a half-typed path.
func TestInferAll(t *testing.T) {
	schema := schemaType(t, inferScope)
	for src, want := range map[string]string{
		"order.lines[0].":                                "{sku: str, qty: int} | null",
		"[l. for l in order.lines]":                      "{sku: str, qty: int}",
		"{% for l in order.lines %}{{ l. }}{% endfor %}": "{sku: str, qty: int}",
		"1 + len(order.":                                 "",
	} {
		var n Node
		if IsTemplate(src) {
			n, _ = ParseTemplate(Text{Src: src})
		} else {
			n, _ = Parse(Text{Src: src})
		}
		types := InferAll(n, Text{Src: src}, typeScope{schema})
		got := "none"
		Walk(n, func(m Node) bool {
			if a, ok := m.(*Attr); ok && a.Name == "" {
				got = types[a.X].String()
			}
			return true
		})
		if want == "" {
			want = schema.Fields[0].Type.String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}
