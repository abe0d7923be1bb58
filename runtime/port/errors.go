package port

import (
	"context"
	"errors"
	"strings"
)

// AsError is err as an *Error. One that is none counts as retryable with an
// unknown effect; the end of a context becomes its class.
func AsError(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Class: ClassTimeout, Message: "the call took too long", Retryable: true, Err: err}
	case errors.Is(err, context.Canceled):
		return &Error{Class: ClassTimeout, Message: "the call was cancelled", Err: err}
	}
	return &Error{Class: ClassFunction, Message: OneLine(err.Error()), Retryable: true, Err: err}
}

// OneLine is the first line of text, cut to a readable length.
func OneLine(text string) string {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = strings.TrimSpace(text[:i]) + " …"
	}
	if r := []rune(text); len(r) > 400 {
		text = string(r[:400]) + " …"
	}
	if text == "" {
		return "no reason was given"
	}
	return text
}
