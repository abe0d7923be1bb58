package middleware

import (
	"context"
	"slices"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/port"
)

// retry calls again what failed and may pass. It waits at least as long as the
// other side asks, and gives up if that is longer than its longest delay. A call
// that has streamed a part of its answer is not made again here: the node's own
// attempts do that, and tell the readers to start over.
type retry struct {
	name string
	r    *ir.RetryLayer
}

func newRetry(name string, r *ir.RetryLayer) *retry { return &retry{name, r} }

// Do makes the call up to the configured number of attempts.
func (l *retry) Do(ctx context.Context, c *Call, next Next) (*port.LLMResponse, error) {
	var first *port.Error // the last failure that was not the lack of a further grant
	policy := retrypolicy.NewBuilder[*port.LLMResponse]().
		WithMaxAttempts(max(1, l.r.Attempts)).
		HandleIf(func(_ *port.LLMResponse, err error) bool { return l.again(ctx, c, port.AsError(err)) }).
		WithDelayFunc(func(e failsafe.ExecutionAttempt[*port.LLMResponse]) time.Duration {
			return l.delay(e.Attempts(), port.AsError(e.LastError()))
		}).
		ReturnLastFailure()
	if !l.r.NoJitter {
		policy = policy.WithJitterFactor(0.25)
	}
	resp, err := failsafe.With(policy.Build()).WithContext(ctx).Get(func() (*port.LLMResponse, error) {
		resp, err := next(ctx, c.Request)
		if e := port.AsError(err); e != nil && (e.Class != port.ClassLimit || first == nil) {
			first = e
		}
		return resp, err
	})
	if err == nil {
		return resp, nil
	}
	if e := port.AsError(err); first != nil && (e.Class == port.ClassLimit || ctx.Err() != nil) {
		return nil, first
	}
	return nil, err
}

func (l *retry) again(ctx context.Context, c *Call, e *port.Error) bool {
	switch {
	case e == nil, !e.Retryable, c.streamed, ctx.Err() != nil:
		return false
	case l.r.MaxDelay > 0 && int64(e.RetryAfter) > l.r.MaxDelay:
		return false
	}
	return len(l.r.RetryOn) == 0 || slices.Contains(l.r.RetryOn, e.Class)
}

// delay is how long to wait after the n-th attempt.
func (l *retry) delay(n int, e *port.Error) time.Duration {
	d := float64(l.r.Delay)
	if l.r.Linear {
		d *= float64(n)
	} else {
		for range min(n-1, 64) {
			d *= max(1, l.r.Factor)
		}
	}
	if m := float64(l.r.MaxDelay); m > 0 && d > m {
		d = m
	}
	wait := time.Duration(min(d, float64(24*time.Hour)))
	if e != nil {
		wait = max(wait, e.RetryAfter)
	}
	return wait
}
