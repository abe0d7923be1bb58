package value

import (
	"reflect"
	"testing"
)

func TestSecretTexts(t *testing.T) {
	for _, c := range []struct {
		parts []SecretPart
		text  string
	}{
		{[]SecretPart{{Secret: "KEY"}}, "<secret KEY>"},
		{[]SecretPart{{Text: "Bearer "}, {Secret: "KEY"}}, "Bearer <secret KEY>"},
		{[]SecretPart{{Text: "t3:a\x00"}, {Secret: "A"}, {Secret: "B"}, {Text: "ü"}}, "t3:a\x00<secret A><secret B>ü"},
	} {
		v := SecretText(c.parts)
		if v.Kind() != KindSecret || Str(v) != c.text {
			t.Errorf("%v is %s", c.parts, Str(v))
		}
		b, err := AppendCBOR(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeCBOR(b)
		if err != nil {
			t.Fatal(err)
		}
		if parts, ok := back.SecretParts(); !ok || !reflect.DeepEqual(parts, c.parts) {
			t.Errorf("%v comes back as %v", c.parts, parts)
		}
	}
	for _, name := range []string{"", "\x00", "\x00t", "\x00t9:a", "\x00s-1:", "\x00x1:a"} {
		parts, ok := Secret(name).SecretParts()
		if !ok || len(parts) != 1 || parts[0].Text != "" {
			t.Errorf("%q has the parts %v", name, parts)
		}
	}
	if _, ok := String("a").SecretParts(); ok {
		t.Error("a text is no secret")
	}
}
