package engine

import (
	"encoding/binary"
	"errors"
	"sort"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/machine"
)

// numbers counts what the machine does not count: the events of the run and the
// calls of each port. They follow from the journal, so that they are the same
// after a restart, and stand in front of the state in a snapshot.
type numbers struct {
	events uint64
	calls  map[string]uint64 // by port, see adapterKey
	flying map[uint64]step   // LLM calls by token
	lost   map[string]uint64 // ordinals of lost calls by path

	program   *ir.Program
	lastToken uint64 // the effect that landed last, and its path
	lastPath  string
}

type step struct {
	path    string
	ordinal uint64
}

func newNumbers(p *ir.Program) numbers {
	return numbers{program: p, calls: map[string]uint64{}, flying: map[uint64]step{}, lost: map[string]uint64{}}
}

// start numbers an effect that the machine asked for.
func (n *numbers) start(f *flight) {
	if f.cmd.LLM == nil {
		return
	}
	if f.cmd.Lost > 0 {
		if ordinal, ok := n.lost[f.cmd.Path]; ok {
			delete(n.lost, f.cmd.Path)
			f.ordinal = ordinal
		}
	}
	if f.ordinal == 0 {
		key := adapterKey(n.program, &f.cmd)
		n.calls[key]++
		f.ordinal = n.calls[key]
	}
	n.flying[f.cmd.Token] = step{f.cmd.Path, f.ordinal}
}

// land forgets an effect that settled.
func (n *numbers) land(f *flight) {
	n.lastToken, n.lastPath = f.cmd.Token, f.cmd.Path
	delete(n.flying, f.cmd.Token)
}

// lose remembers the number of a call that will be made again.
func (n *numbers) lose(token uint64) {
	if s, ok := n.flying[token]; ok {
		n.lost[s.path] = s.ordinal
		delete(n.flying, token)
	}
}

// before follows a record that is about to be replayed.
func (n *numbers) before(ev *machine.Event) {
	switch ev.Kind {
	case machine.Settled:
		delete(n.flying, ev.Token)
	case machine.Lost:
		n.lose(ev.Token)
	}
}

// seal puts the numbers in front of a snapshot: the length of their encoding,
// then the encoding, an object, then the machine's state.
func (n *numbers) seal(state []byte) []byte {
	o := value.NewObject(4)
	o.Set("events", value.Int(int64(n.events)))
	ports := value.NewObject(len(n.calls))
	for _, name := range sortedKeys(n.calls) {
		ports.Set(name, value.Int(int64(n.calls[name])))
	}
	o.Set("calls", ports.Value())
	lost := value.NewObject(len(n.lost))
	for _, path := range sortedKeys(n.lost) {
		lost.Set(path, value.Int(int64(n.lost[path])))
	}
	o.Set("lost", lost.Value())
	tokens := make([]uint64, 0, len(n.flying))
	for token := range n.flying {
		tokens = append(tokens, token)
	}
	sort.Slice(tokens, func(i, j int) bool { return tokens[i] < tokens[j] })
	var flying []value.Value
	for _, token := range tokens {
		s := n.flying[token]
		flying = append(flying, value.List([]value.Value{value.Int(int64(token)), value.String(s.path), value.Int(int64(s.ordinal))}))
	}
	o.Set("flying", value.List(flying))
	head, err := value.AppendCBOR(nil, o.Value())
	if err != nil {
		panic("engine: " + err.Error()) // an object of ints and texts
	}
	return append(append(binary.AppendUvarint(nil, uint64(len(head))), head...), state...)
}

func sortedKeys(m map[string]uint64) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

var errSnapshot = errors.New("its snapshot is damaged")

// unseal takes the numbers from a snapshot and returns the machine's state.
func (n *numbers) unseal(body []byte) ([]byte, error) {
	size, k := binary.Uvarint(body)
	if k <= 0 || size > uint64(len(body)-k) {
		return nil, errSnapshot
	}
	v, err := value.DecodeCBOR(body[k : k+int(size)])
	o, ok := v.Object()
	if err != nil || !ok {
		return nil, errSnapshot
	}
	*n = newNumbers(n.program)
	get := func(key string) value.Value { v, _ := o.Get(key); return v }
	count, ok := get("events").AsInt()
	n.events = uint64(count)
	for key, into := range map[string]map[string]uint64{"calls": n.calls, "lost": n.lost} {
		list, isObject := get(key).Object()
		ok = ok && isObject
		if !ok {
			return nil, errSnapshot
		}
		for i := range list.Len() {
			name, count := list.At(i)
			text, isText := name.AsString()
			c, isInt := count.AsInt()
			ok = ok && isText && isInt
			into[text] = uint64(c)
		}
	}
	for _, item := range get("flying").Items() {
		parts := item.Items()
		if len(parts) != 3 {
			return nil, errSnapshot
		}
		token, isInt := parts[0].AsInt()
		path, isText := parts[1].AsString()
		ordinal, isOrdinal := parts[2].AsInt()
		ok = ok && isInt && isText && isOrdinal
		n.flying[uint64(token)] = step{path, uint64(ordinal)}
	}
	if !ok {
		return nil, errSnapshot
	}
	return body[k+int(size):], nil
}
