package cassette

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// Next is the recorded exchange of a step that asks for the first time, or again.
// The error is a *MissError.
func (t *Tape) Next(path string, request value.Value) (*Exchange, error) {
	left := t.byPath[path]
	if len(left) == 0 {
		return nil, &MissError{Path: path, Differences: nil, Again: t.knows(path)}
	}
	x := &t.exchanges[left[0]]
	if d := differences(x.Request, Plain(request)); len(d) > 0 {
		return nil, &MissError{Path: path, Differences: d}
	}
	t.byPath[path] = left[1:]
	t.played++
	return x, nil
}

func (t *Tape) knows(path string) bool { _, ok := t.byPath[path]; return ok }

// Left is the number of exchanges that were not played, and the path of the first
// of them.
func (t *Tape) Left() (n int, first string) {
	for i := range t.exchanges {
		x := &t.exchanges[i]
		for _, j := range t.byPath[x.Path] {
			if i == j {
				return len(t.exchanges) - t.played, x.Path
			}
		}
	}
	return 0, ""
}

// MissError is the end of a replay at a request that was not recorded like that.
type MissError struct {
	// Path is the step that asked.
	Path string
	// Differences tell where the request is not the recorded one; none if the step
	// was not recorded at all. Again: it was, but asked less often.
	Differences []string
	Again       bool
}

// Error tells what differs, and the way out.
func (e *MissError) Error() string {
	const out = "; if that is meant, record the run again"
	switch {
	case len(e.Differences) > 0:
		return fmt.Sprintf("the replay ends at the call %s, which differs from the recorded one: %s%s", e.Path, strings.Join(e.Differences, ", "), out)
	case e.Again:
		return fmt.Sprintf("the replay ends at the call %s: the recorded run made it less often%s", e.Path, out)
	}
	return fmt.Sprintf("the replay ends at the call %s, which the recorded run did not make%s", e.Path, out)
}

// most is how many differences are shown.
const most = 3

// differences tell where now is not was, the first ones.
func differences(was, now value.Value) []string {
	var list []string
	compare(&list, "", was, now)
	return list
}

func compare(list *[]string, at string, was, now value.Value) {
	if len(*list) >= most || value.Digest(was) == value.Digest(now) {
		return
	}
	add := func(at, text string) {
		if len(*list) < most {
			*list = append(*list, at+" "+text)
		}
	}
	a, isA := was.Object()
	b, isB := now.Object()
	switch {
	case isA && isB:
		same := true
		for i := range a.Len() {
			k, x := a.At(i)
			name := join(at, value.Str(k))
			if y, ok := b.GetKey(k); ok {
				same = same && value.Digest(x) == value.Digest(y)
				compare(list, name, x, y)
			} else {
				same = false
				add(name, "was "+short(x)+" and is not there")
			}
		}
		for i := range b.Len() {
			k, y := b.At(i)
			if _, ok := a.GetKey(k); !ok {
				same = false
				add(join(at, value.Str(k)), "is "+short(y)+" and was not there")
			}
		}
		if same {
			add(orWhole(at), "has its fields in another order")
		}
	case was.Kind() == value.KindList && now.Kind() == value.KindList:
		x, y := was.Items(), now.Items()
		for i := range min(len(x), len(y)) {
			compare(list, fmt.Sprintf("%s[%d]", at, i), x[i], y[i])
		}
		if len(x) != len(y) {
			add(orWhole(at), fmt.Sprintf("had %d items and has %d", len(x), len(y)))
		}
	default:
		p, isP := was.AsString()
		q, isQ := now.AsString()
		if isP && isQ {
			p, q = around(p, q)
			add(orWhole(at), fmt.Sprintf("was %q and is %q", p, q))
			return
		}
		add(orWhole(at), "was "+short(was)+" and is "+short(now))
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func orWhole(at string) string {
	if at == "" {
		return "the request"
	}
	return at
}

// width is how much of a text is shown.
const width = 40

// around are two texts, each cut to what stands around their first difference.
func around(a, b string) (string, string) {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	from := max(0, n-width/2)
	for from > 0 && (!utf8.RuneStart(byteAt(a, from)) || !utf8.RuneStart(byteAt(b, from))) {
		from--
	}
	return cut(a, from), cut(b, from)
}

func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

func cut(s string, from int) string {
	text := s[min(from, len(s)):]
	if len(text) > width {
		end := width
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + "…"
	}
	if from > 0 {
		text = "…" + text
	}
	return text
}

// short is a value for a message.
func short(v value.Value) string {
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return cut(value.Repr(v), 0)
	}
	return cut(string(text), 0)
}
