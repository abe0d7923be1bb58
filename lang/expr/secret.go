package expr

import "hexdag.dev/hexdag/lang/value"

// embedded is a secret in the text of a template: before the byte at.
type embedded struct {
	at     int
	secret value.Value
	node   Node
}

// textFrom is the text written since out was start bytes long, and takes it from
// there.
func (fr *frame) textFrom(start int) value.Value {
	text := fr.out[start:]
	first := len(fr.secrets)
	for first > 0 && fr.secrets[first-1].at >= start {
		first--
	}
	var v value.Value
	if held := fr.secrets[first:]; len(held) == 0 {
		v = value.String(string(text))
	} else {
		var parts []value.SecretPart
		from := 0
		for _, e := range held {
			if at := e.at - start; at > from {
				parts = append(parts, value.SecretPart{Text: string(text[from:at])})
				from = at
			}
			more, _ := e.secret.SecretParts()
			parts = append(parts, more...)
		}
		if from < len(text) {
			parts = append(parts, value.SecretPart{Text: string(text[from:])})
		}
		v = value.SecretText(parts)
		clear(held)
		fr.secrets = fr.secrets[:first]
	}
	fr.out = fr.out[:start]
	return v
}
