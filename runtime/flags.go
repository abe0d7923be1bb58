package runtime

import (
	"errors"
	"slices"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// with is o followed by the overrides of one run, which win.
func (o Overrides) with(next Overrides) Overrides {
	return Overrides{
		Set:   append(slices.Clone(o.Set), next.Set...),
		Allow: append(slices.Clone(o.Allow), next.Allow...),
		Deny:  append(slices.Clone(o.Deny), next.Deny...),
		Mock:  o.Mock || next.Mock,
	}
}

// encodeFlags is o as the journal keeps it: nil for none, else an object in the
// encoding of values.
func encodeFlags(o *Overrides) ([]byte, error) {
	if o.empty() {
		return nil, nil
	}
	texts := func(list []string) value.Value {
		items := make([]value.Value, len(list))
		for i, s := range list {
			items[i] = value.String(s)
		}
		return value.List(items)
	}
	set := make([]value.Value, len(o.Set))
	for i, s := range o.Set {
		set[i] = value.List([]value.Value{value.String(s.Path), s.Value})
	}
	f := value.NewObject(4)
	f.Set("set", value.List(set))
	f.Set("allow", texts(o.Allow))
	f.Set("deny", texts(o.Deny))
	f.Set("mock", value.Bool(o.Mock))
	return value.AppendCBOR(nil, f.Value())
}

// decodeFlags reads what encodeFlags wrote.
func decodeFlags(data []byte) (o Overrides, err error) {
	if len(data) == 0 {
		return o, nil
	}
	damaged := errors.New("the flags of the run are damaged")
	v, err := value.DecodeCBOR(data)
	f, ok := v.Object()
	if err != nil || !ok {
		return o, damaged
	}
	get := func(key string) value.Value { v, _ := f.Get(key); return v }
	texts := func(key string) (list []string) {
		for _, item := range get(key).Items() {
			s, isText := item.AsString()
			ok = ok && isText
			list = append(list, s)
		}
		return list
	}
	o.Allow, o.Deny = texts("allow"), texts("deny")
	mock, isBool := get("mock").AsBool()
	o.Mock, ok = mock, ok && isBool
	for _, item := range get("set").Items() {
		parts := item.Items()
		if len(parts) != 2 {
			return o, damaged
		}
		path, isText := parts[0].AsString()
		ok = ok && isText
		o.Set = append(o.Set, Setting{Path: path, Value: parts[1]})
	}
	if !ok {
		return o, damaged
	}
	return o, nil
}

// with is the program under overrides, ready to run.
func (p *Program) with(o *Overrides) (*ir.Program, *machine.Prog, error) {
	if o.empty() {
		prog, err := p.prog()
		return p.ir, prog, err
	}
	changed, err := o.apply(p.ir)
	if err != nil {
		return nil, nil, err
	}
	prog, err := loadMachine(changed)
	return changed, prog, err
}
