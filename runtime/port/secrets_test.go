package port

import (
	"reflect"
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

// TestSubstituteTexts: a text in which secrets stand comes about at the port, and
// what is said about the answer is without them.
func TestSubstituteTexts(t *testing.T) {
	s := NewSecrets(Environment{Lookup: func(name string) (string, bool) { return "key-of-" + name, name != "NONE" }})
	o := value.NewObject(2)
	o.Set("authorization", value.SecretText([]value.SecretPart{{Text: "Bearer "}, {Secret: "A"}, {Text: ";"}, {Secret: "B"}}))
	o.Set("text", value.String("\x00s1:A")) // looks like a handle, and is a text
	in := value.List([]value.Value{o.Value(), value.Secret("A")})
	if names := Names(in); !reflect.DeepEqual(names, []string{"A", "B"}) {
		t.Errorf("names %v", names)
	}
	out, err := s.Substitute(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := value.Repr(out), `[{'authorization': 'Bearer key-of-A;key-of-B', 'text': '\x00s1:A'}, 'key-of-A']`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := value.Repr(s.Redact(out)); got != `[{'authorization': 'Bearer [secret];[secret]', 'text': '\x00s1:A'}, '[secret]']` {
		t.Error(got)
	}
	if _, err := s.Substitute(t.Context(), value.SecretText([]value.SecretPart{{Text: "x"}, {Secret: "NONE"}})); err == nil {
		t.Error("a secret that is not set was put into a text")
	}
}
