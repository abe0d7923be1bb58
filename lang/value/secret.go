package value

import (
	"strconv"
	"strings"
)

// A text that has secrets in it is a secret itself: nothing can read, compare or
// change it, and only the port that gets it puts it together. Its handle holds
// the parts. Since it is no text, no text from outside can pass for it.

// SecretPart is a piece of such a text: Text, or if that is empty the secret of
// the name Secret.
type SecretPart struct{ Text, Secret string }

// secretTextMark begins the body of the handle of a text; no name of a secret
// begins with it. The parts follow: t or s, the length in bytes, a colon, the
// bytes.
const secretTextMark = "\x00"

// SecretText is a handle to the text that the parts make together. One part that
// is a secret gives its plain handle.
func SecretText(parts []SecretPart) Value {
	if len(parts) == 1 && parts[0].Text == "" {
		return Secret(parts[0].Secret)
	}
	var b strings.Builder
	b.WriteString(secretTextMark)
	for _, p := range parts {
		mark, s := byte('t'), String(p.Text).str() // as UTF-8, or the lengths would not hold
		if p.Text == "" {
			mark, s = 's', String(p.Secret).str()
		}
		b.WriteByte(mark)
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	return Secret(b.String())
}

// SecretParts is what the text behind a handle consists of: of a plain one, its
// secret alone. ok is false for other kinds.
func (v Value) SecretParts() (parts []SecretPart, ok bool) {
	if v.kind != KindSecret {
		return nil, false
	}
	rest, isText := strings.CutPrefix(v.str(), secretTextMark)
	for isText && rest != "" {
		head, tail, found := strings.Cut(rest[1:], ":")
		n, err := strconv.Atoi(head)
		if !found || err != nil || n < 0 || n > len(tail) {
			parts = nil
			break
		}
		switch rest[0] {
		case 't':
			parts = append(parts, SecretPart{Text: tail[:n]})
		case 's':
			parts = append(parts, SecretPart{Secret: tail[:n]})
		}
		rest = tail[n:]
	}
	if len(parts) == 0 {
		parts = []SecretPart{{Secret: v.str()}}
	}
	return parts, true
}

// appendSecret writes a handle for people: its texts, and <secret NAME>.
func appendSecret(dst []byte, v Value) []byte {
	parts, _ := v.SecretParts()
	for _, p := range parts {
		if p.Text != "" {
			dst = append(dst, p.Text...)
			continue
		}
		dst = append(append(append(dst, "<secret "...), p.Secret...), '>')
	}
	return dst
}
