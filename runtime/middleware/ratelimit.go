package middleware

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/port"
)

// rateLimit lets calls through at a rate of calls, of tokens, or of both. Tokens
// are known after a call: it starts while the bucket is not empty, and what it used
// is taken out then, so that the next ones wait for it.
type rateLimit struct {
	name          string
	calls, tokens *rate.Limiter
	raise         bool
}

func newRateLimit(name string, r *ir.RateLimitLayer) *rateLimit {
	per := time.Duration(r.Per).Seconds()
	l := &rateLimit{name: name, raise: r.Raise}
	if r.Requests > 0 {
		l.calls = rate.NewLimiter(rate.Limit(float64(r.Requests)/per), max(1, r.Burst))
	}
	if r.Tokens > 0 {
		l.tokens = rate.NewLimiter(rate.Limit(float64(r.Tokens)/per), r.Tokens)
	}
	return l
}

// Do waits for its turn, or fails if the layer is told to.
func (l *rateLimit) Do(ctx context.Context, c *Call, next Next) (*port.LLMResponse, error) {
	for _, bucket := range []*rate.Limiter{l.calls, l.tokens} {
		if bucket == nil {
			continue
		}
		if err := l.take(ctx, bucket); err != nil {
			return nil, err
		}
	}
	resp, err := next(ctx, c.Request)
	if l.tokens != nil {
		var u port.Usage
		if err != nil {
			u = port.AsError(err).Usage
		} else if resp != nil {
			u = resp.Usage
		}
		// One was taken before.
		for left := u.InputTokens + u.OutputTokens - 1; left > 0; {
			n := min(left, int64(l.tokens.Burst()))
			l.tokens.ReserveN(time.Now(), int(n))
			left -= n
		}
	}
	return resp, err
}

func (l *rateLimit) take(ctx context.Context, bucket *rate.Limiter) error {
	if !l.raise {
		err := bucket.Wait(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			e := *port.AsError(ctx.Err())
			e.Definite, e.Usage.Known = true, true
			e.Message = fmt.Sprintf("the call was stopped while it waited for its turn (%s)", l.name)
			return &e
		}
		return l.over("the call would have to wait longer than it may take for its turn (%s)", bucket)
	}
	if bucket.Allow() {
		return nil
	}
	return l.over("the call is over the rate of %s", bucket)
}

func (l *rateLimit) over(format string, bucket *rate.Limiter) error {
	r := bucket.Reserve()
	wait := r.Delay()
	r.Cancel()
	return &port.Error{Class: port.ClassRateLimit, Retryable: true, Definite: true, RetryAfter: wait,
		Usage: port.Usage{Known: true}, Message: fmt.Sprintf(format, l.name)}
}
