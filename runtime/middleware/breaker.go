package middleware

import (
	"context"
	"fmt"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/port"
)

// ClassCircuitOpen is the error class of calls that an open circuit fails.
const ClassCircuitOpen = "circuit_open"

// breaker fails calls at once while what it is around fails all the time.
type breaker struct {
	name    string
	circuit circuitbreaker.CircuitBreaker[any]
}

func newBreaker(name string, b *ir.CircuitBreakerLayer) *breaker {
	return &breaker{name, circuitbreaker.NewBuilder[any]().
		WithFailureThreshold(uint(max(1, b.Failures))).
		WithSuccessThreshold(uint(max(1, b.HalfOpen))).
		WithDelay(time.Duration(b.Recovery)).
		Build()}
}

// Do makes the call if the circuit lets it.
func (l *breaker) Do(ctx context.Context, c *Call, next Next) (resp *port.LLMResponse, err error) {
	if !l.circuit.TryAcquirePermit() {
		return nil, &port.Error{Class: ClassCircuitOpen, Retryable: true, Definite: true, RetryAfter: l.circuit.RemainingDelay(),
			Usage:   port.Usage{Known: true},
			Message: fmt.Sprintf("the call was not made: too many before it failed, and the circuit of %s is open", l.name)}
	}
	done := false
	defer func() { // also when what it is around panics
		if done && !sick(ctx, err) {
			l.circuit.RecordSuccess()
		} else {
			l.circuit.RecordFailure()
		}
	}()
	resp, err = next(ctx, c.Request)
	done = true
	return resp, err
}

// sick reports whether a failure says something about the other side, not about the
// request or the one who made it.
func sick(ctx context.Context, err error) bool {
	e := port.AsError(err)
	if e == nil || ctx.Err() == context.Canceled {
		return false
	}
	switch e.Class {
	case port.ClassInvalidInput, port.ClassLimit, port.ClassCapDenied, port.ClassStale, ClassCircuitOpen:
		return false
	}
	return true
}
