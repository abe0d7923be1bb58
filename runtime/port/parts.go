package port

// Part is a piece of a message that is not only text. Exactly one of Text, Data
// and URL is set.
type Part struct {
	Text string
	// Data is an image (or another medium that the model takes), MediaType what it
	// is: "image/png".
	Data      []byte
	MediaType string
	// URL is where the model's provider finds the image; the runtime does not
	// fetch it.
	URL string
}

// Texts is the text of m: its content, else its text parts, each on a line of its
// own.
func (m *Message) Texts() string {
	if len(m.Parts) == 0 {
		return m.Content
	}
	text := m.Content
	for _, p := range m.Parts {
		if p.Text == "" {
			continue
		}
		if text != "" {
			text += "\n"
		}
		text += p.Text
	}
	return text
}
