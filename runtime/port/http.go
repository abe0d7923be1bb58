package port

import (
	"context"

	"hexdag.dev/hexdag/lang/value"
)

// HTTPClient makes HTTP requests: the port api_call.
type HTTPClient interface {
	Adapter
	// Do makes one request, and gives its response whatever its status is unless
	// the adapter is configured otherwise. It must not retry by itself, and is
	// called concurrently.
	Do(ctx context.Context, req *HTTPRequest) (*HTTPResponse, error)
}

// HTTPRequest is one request.
type HTTPRequest struct {
	Call   Call
	Method string // GET, …
	// URL is an address, or a path under the adapter's own.
	URL    string
	Header map[string]string
	// Query is added to the address.
	Query map[string]string
	// Body is sent as JSON, or as it is if it is text and the content type is not
	// JSON; Missing for none.
	Body value.Value
}

// HTTPResponse is the answer.
type HTTPResponse struct {
	Status int
	// Header has canonical names; of several values it has the first.
	Header map[string]string
	// Body is parsed if the answer is JSON, else its text.
	Body value.Value
}
