package middleware

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hexdag.dev/hexdag/runtime/port"
)

// timeout bounds one call of what it is around.
type timeout struct {
	name  string
	nanos int64
}

// Do makes the call under its deadline.
func (l *timeout) Do(ctx context.Context, c *Call, next Next) (*port.LLMResponse, error) {
	own, cancel := context.WithTimeout(ctx, time.Duration(l.nanos))
	defer cancel()
	resp, err := next(own, c.Request)
	if err == nil || ctx.Err() != nil || !errors.Is(own.Err(), context.DeadlineExceeded) {
		return resp, err
	}
	e := *port.AsError(err)
	e.Class, e.Retryable, e.Definite = port.ClassTimeout, true, false
	e.Message = fmt.Sprintf("the call took longer than the %s of %s", time.Duration(l.nanos), l.name)
	e.Help = ""
	return nil, &e
}
