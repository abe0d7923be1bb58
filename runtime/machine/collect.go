package machine

import (
	"fmt"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

func (m *Machine) itemFailed(nd *node, c *compState, index int64, fail *Failure) {
	c.failed++
	if c.failure == nil || index < c.failAt {
		c.failure, c.failAt = fail, index
	}
	switch nd.loop.ir.OnError {
	case "continue", "collect":
		c.errs = append(c.errs, itemError{index, fail.Message})
	default:
		c.closed = true
	}
	m.collected(nd, c, index, value.Null)
}

// collected keeps the result of an iteration.
func (m *Machine) collected(nd *node, c *compState, index int64, v value.Value) {
	if loopKind(nd.loop.ir) == overNothing {
		c.result = v
		return
	}
	switch nd.loop.ir.Collect {
	case "first":
		if !v.IsNull() && (c.bestAt < 0 || index < c.bestAt) {
			c.best, c.bestAt = v, index
		}
	case "last":
		if !v.IsNull() && index > c.bestAt {
			c.best, c.bestAt = v, index
		}
	default:
		if m.broken(faultResultOrder) && c.total >= 0 {
			index = c.ok + c.failed + c.skipped - 1
		}
		if c.total < 0 {
			c.results = append(c.results, v)
		} else {
			c.results[index] = v
		}
	}
}

// collectedResult is what collect makes of the iterations.
func (m *Machine) collectedResult(nd *node, c *compState) (value.Value, *Failure) {
	x := nd.loop.ir
	if loopKind(x) == overNothing {
		return m.branchResult(nd, c), nil
	}
	switch x.Collect {
	case "first", "last":
		return c.best, nil
	case "dict":
		o := value.NewObject(len(c.results))
		for i, v := range c.results {
			if x.KeyField == "" {
				_ = o.SetKey(value.Int(int64(i)), v) // an int is hashable
				continue
			}
			item, ok := v.Object()
			if !ok {
				continue
			}
			key, ok := item.Get(x.KeyField)
			if !ok {
				continue
			}
			if err := o.SetKey(key, v); err != nil {
				return value.Null, &Failure{
					Code: diag.RunBodyFailed, Class: ClassExpression, Definite: true, Place: nd.ir.Origin,
					Message: fmt.Sprintf("key_field %q of iteration %d is %s, which cannot be a key", x.KeyField, i, article(key)),
				}
			}
		}
		return o.Value(), nil
	}
	return value.List(c.results), nil
}

// branchResult is the result of the branch that ran, else the label of the one
// that was chosen.
func (m *Machine) branchResult(nd *node, c *compState) value.Value {
	if c.next > 0 {
		return c.result
	}
	if nd.loop.ir.Mode == ir.ModeMacro {
		return value.Null // its body is never absent
	}
	if nd.loop.ir.Mode == ir.ModeIfElse {
		o := value.NewObject(1)
		o.Set("condition_met", value.Bool(c.met))
		return o.Value()
	}
	return m.action(nd, c)
}

// action is the label of the branch that a switch chose.
func (m *Machine) action(nd *node, c *compState) value.Value {
	label := ""
	switch {
	case c.chosen >= 0:
		label = nd.loop.ir.Branches[c.chosen].Action
	case nd.loop.ir.Else != nil:
		label = nd.loop.ir.Else.Action
	}
	if label == "" {
		return value.Null
	}
	return value.String(label)
}

// completeLoop settles a composite with its result and what there is to say
// about how it came about.
func (m *Machine) completeLoop(s, n int32, a *act, result value.Value) {
	c, nd := a.comp, m.node(s, n)
	x := nd.loop.ir
	if x.Mode == ir.ModeMacro {
		m.completeMacro(s, n, c)
		return
	}
	loop := loopKind(x) != overNothing
	meta := value.NewObject(8)
	meta.Set("mode", value.String(x.Mode.String()))
	count := func(i int64) value.Value {
		if !loop {
			return value.Null
		}
		return value.Int(i)
	}
	// Iterations that a limit kept from being opened were skipped too.
	skipped := c.skipped
	if c.total > c.next {
		skipped += c.total - c.next
	}
	meta.Set("iterations", count(c.next))
	meta.Set("stopped_by", value.String(stopNames[c.stop]))
	meta.Set("successful", count(c.ok))
	meta.Set("failed", count(c.failed))
	meta.Set("skipped", count(skipped))
	meta.Set("errors", m.errorList(x, c))
	meta.Set("duration_ms", value.Float(float64(m.now-a.began)/1e6))
	o := value.NewObject(6)
	o.Set("result", result)
	o.Set("metadata", meta.Value())
	switch x.Mode {
	case ir.ModeWhile:
		o.Set("final_state", c.state.Value())
	case ir.ModeIfElse:
		o.Set("condition_met", value.Bool(c.met))
		branch := "else"
		if c.met {
			branch = "if"
		}
		o.Set("branch_taken", value.String(branch))
	case ir.ModeSwitch:
		matched := value.Null
		if c.chosen >= 0 {
			matched = value.Int(int64(c.chosen))
		}
		evaluations := make([]value.Value, len(c.evaluations))
		for i, met := range c.evaluations {
			evaluations[i] = value.Bool(met)
		}
		o.Set("matched_branch", matched)
		o.Set("matched_action", m.action(nd, c))
		o.Set("evaluations", value.List(evaluations))
		o.Set("has_else", value.Bool(x.Else != nil))
	}
	m.complete(s, n, o.Value())
}

func (m *Machine) errorList(x *ir.Composite, c *compState) value.Value {
	if len(c.errs) == 0 {
		return value.Null
	}
	sortErrors(c.errs)
	name := "index"
	if x.Mode == ir.ModeWhile {
		name = "iteration"
	}
	list := make([]value.Value, len(c.errs))
	for i, e := range c.errs {
		o := value.NewObject(2)
		o.Set(name, value.Int(e.index))
		o.Set("error", value.String(e.message))
		list[i] = o.Value()
	}
	return value.List(list)
}
