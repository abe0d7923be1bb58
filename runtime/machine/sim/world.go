package sim

import (
	"fmt"
	"hash/fnv"
	"strings"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// Hash is a number that depends on nothing but its arguments.
func Hash(seed uint64, parts ...string) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for i := range b {
		b[i] = byte(seed >> (8 * i))
	}
	h.Write(b[:])
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	x := h.Sum64()
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

// Rates say how often, in percent, what happens in a random world.
type Rates struct {
	Fail    int // an attempt fails for good
	Flaky   int // an attempt fails and may be retried
	Hang    int // an attempt takes longer than any time-out
	Garbage int // an answer of a language model does not fit its schema
	Unknown int // nobody learns what an attempt consumed
}

// Random is a world that depends on nothing but its seed, the step (path and
// call), the attempt and the request: never on order or time, so that equal runs
// meet equal worlds. Results are objects {"v": n} with a small n that depends on
// the request.
func Random(seed uint64, r Rates) World {
	return func(e *machine.StartEffect, _ int) Reply {
		var o machine.Outcome
		var hang bool
		if e.LLM != nil && e.LLM.Agent != nil {
			o, hang = agentAnswer(seed, r, e.Path, e.Try, request(e), e.LLM.Repair, e.LLM.Agent.Last)
		} else {
			o, hang = answer(seed, r, e.Path, e.Try, request(e), e.LLM != nil && !e.LLM.Schema.IsNull())
		}
		reply := Reply{Delay: int64(Hash(seed, "delay", e.Path, fmt.Sprint(e.Try))%1000) + 1, Outcome: o}
		if hang {
			reply.Delay = 1 << 40
		}
		if e.LLM != nil && o.Usage.Known {
			prompt := int64(0)
			for _, m := range e.LLM.Messages {
				prompt += int64(len(m.Content))
			}
			reply.Outcome.Usage.InputTokens = prompt
			reply.Outcome.Usage.OutputTokens = int64(Hash(seed, "out", e.Path) % 40)
			if e.LLM.MaxTokens > 0 {
				reply.Outcome.Usage.OutputTokens = min(reply.Outcome.Usage.OutputTokens, e.LLM.MaxTokens)
			}
		}
		return reply
	}
}

// request is what an effect asks, as text, without what depends on time: how
// long something took, and what was wrong with earlier answers.
func request(e *machine.StartEffect) string {
	if e.Function != nil {
		return text(Timeless(e.Function.Input))
	}
	if e.Invoke != nil {
		return text(Timeless(e.Invoke.Args))
	}
	var b strings.Builder
	for _, m := range e.LLM.Messages {
		if m.Role == "assistant" || e.LLM.Agent != nil && b.Len() > 0 {
			break
		}
		b.WriteString(m.Role + ":" + m.Content + "\n")
	}
	return b.String()
}

// Timeless is v without the fields duration_ms and error (the text of a loop's
// failed item), at any depth.
func Timeless(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindObject:
		o, _ := v.Object()
		c := value.NewObject(o.Len())
		for i := range o.Len() {
			k, x := o.At(i)
			if s, ok := k.AsString(); ok && (s == "duration_ms" || s == "error") {
				continue
			}
			_ = c.SetKey(k, Timeless(x)) // it was a key
		}
		return c.Value()
	case value.KindList, value.KindTuple:
		items := make([]value.Value, len(v.Items()))
		for i, x := range v.Items() {
			items[i] = Timeless(x)
		}
		return value.List(items)
	}
	return v
}

func text(v value.Value) string {
	b, err := value.AppendJSON(nil, v)
	if err != nil {
		return value.Repr(v)
	}
	return string(b)
}

// answer is the outcome of one attempt.
func answer(seed uint64, r Rates, path string, try int, request string, schema bool) (o machine.Outcome, hang bool) {
	dice := int(Hash(seed, "dice", path, fmt.Sprint(try)) % 100)
	known := int(Hash(seed, "usage", path, fmt.Sprint(try))%100) >= r.Unknown
	v := int64(Hash(seed, "v", path, request) % 7)
	switch {
	case dice < r.Fail:
		o = Fail(machine.ClassFunction, false, path+" failed")
	case dice < r.Fail+r.Flaky:
		o = Fail(machine.ClassNetwork, true, path+" was cut off")
		o.Failure.Definite = dice%2 == 0
	case dice < r.Fail+r.Flaky+r.Hang:
		return machine.Outcome{}, true
	default:
		obj := value.NewObject(1)
		obj.Set("v", value.Int(v))
		o = OK(obj.Value(), machine.Usage{})
		if schema {
			answer := fmt.Sprintf(`{"v": %d}`, v)
			if int(Hash(seed, "garbage", path)%100) < r.Garbage {
				answer = "I would rather not say"
			}
			o = OK(value.String(answer), machine.Usage{})
		}
	}
	if !known {
		o.Usage = machine.Usage{}
	}
	return o, false
}
