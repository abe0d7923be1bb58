package port

import "context"

// Embedder turns texts into vectors: the port embedding. Most language models'
// adapters are one too.
type Embedder interface {
	Adapter
	// Embed makes one request. The vectors are in the order of the texts and all of
	// one length. It must not retry by itself, and is called concurrently.
	Embed(ctx context.Context, req *EmbedRequest) (*EmbedResponse, error)
}

// EmbedRequest asks for the vectors of texts, at least one.
type EmbedRequest struct {
	Call  Call
	Model string // "" for the adapter's own
	Texts []string
	// Dimensions is the length of the vectors, 0 for the model's own.
	Dimensions int
}

// EmbedResponse holds the vectors.
type EmbedResponse struct {
	Vectors [][]float64
	Model   string
	Usage   Usage
}
