package expr

import (
	"regexp"

	"hexdag.dev/hexdag/lang/value"
)

// The serialised form of a type:
//
//	bytes  := version:byte type crc32c(of all before):4 bytes, little endian
//	type   := kind:byte flags:byte [elem:type] [items] [fields] [enum] [rules]
//	          [name:text] [doc:text]
//
// Each flag says that a part follows; Open is a flag of its own. Counts come
// before lists. There is one encoding of a type only.

const (
	flagElem = 1 << iota
	flagItems
	flagFields
	flagEnum
	flagRules
	flagName
	flagDoc
	flagOpen
)

// EncodeType is the serialised form of t: deterministic, and read back by
// DecodeType.
func EncodeType(t *Type) []byte {
	return seal(AppendType([]byte{codecVersion}, t))
}

// AppendType appends a type without version and checksum. It panics on a type
// whose enum or default holds a value without an encoding.
func AppendType(dst []byte, t *Type) []byte {
	e := encoder{buf: dst}
	e.typ(orAny(t))
	return e.buf
}

func (e *encoder) value(v value.Value) {
	data, err := value.AppendCBOR(nil, v)
	if err != nil {
		panic("expr: a value in a type cannot be encoded: " + err.Error())
	}
	e.uint(len(data))
	e.buf = append(e.buf, data...)
}

// optional writes a value, or a 0 for Missing.
func (e *encoder) optional(v value.Value) {
	if v.IsMissing() {
		e.byte(0)
		return
	}
	e.byte(1)
	e.value(v)
}

func (e *encoder) texts(list []string) {
	e.uint(len(list))
	for _, s := range list {
		e.text(s)
	}
}

func (e *encoder) typ(t *Type) {
	var flags byte
	for i, has := range []bool{t.Elem != nil, t.Items != nil, len(t.Fields) > 0, len(t.Enum) > 0, t.Rules != nil, t.Name != "", t.Doc != "", t.Open} {
		if has {
			flags |= 1 << i
		}
	}
	e.byte(byte(t.Kind))
	e.byte(flags)
	if flags&flagElem != 0 {
		e.typ(t.Elem)
	}
	if flags&flagItems != 0 {
		e.uint(len(t.Items))
		for _, it := range t.Items {
			e.typ(orAny(it))
		}
	}
	if flags&flagFields != 0 {
		e.uint(len(t.Fields))
		for _, f := range t.Fields {
			e.text(f.Name)
			e.byte(boolByte(f.Optional))
			e.optional(f.Default)
			e.text(f.Doc)
			e.typ(orAny(f.Type))
		}
	}
	if flags&flagEnum != 0 {
		e.uint(len(t.Enum))
		for _, v := range t.Enum {
			e.value(v)
		}
	}
	if flags&flagRules != 0 {
		e.rules(t.Rules)
	}
	if flags&flagName != 0 {
		e.text(t.Name)
	}
	if flags&flagDoc != 0 {
		e.text(t.Doc)
	}
}

func (e *encoder) rules(r *Rules) {
	e.value(r.Min)
	e.value(r.Max)
	e.byte(boolByte(r.ExclusiveMin))
	e.byte(boolByte(r.ExclusiveMax))
	e.value(r.MultipleOf)
	e.uint(r.MinLength)
	e.uint(r.MaxLength)
	e.text(r.Pattern)
	e.byte(boolByte(r.Unique))
	e.text(r.Format)
	c := r.Clean
	e.byte(boolByte(c != nil))
	if c == nil {
		return
	}
	e.byte(boolByte(c.Trim))
	e.texts(c.Nulls)
	e.texts(c.Extract)
	e.text(c.Strip)
	e.texts(c.TrueValues)
	e.texts(c.FalseValues)
	e.byte(boolByte(c.Clamp))
	e.value(c.ClampMin)
	e.value(c.ClampMax)
	e.byte(boolByte(c.Upper))
	e.byte(boolByte(c.Lower))
	e.uint(c.MaxLength)
	e.optional(c.Default)
}

// DecodeType reads what EncodeType wrote; other bytes are an error that wraps
// ErrCodec.
func DecodeType(b []byte) (*Type, error) {
	body, err := checked(b)
	if err != nil {
		return nil, err
	}
	d := decoder{data: body}
	t := d.typ(0)
	if d.err == nil && d.pos != len(d.data) {
		d.fail("has bytes behind its end")
	}
	if d.err != nil {
		return nil, d.err
	}
	return t, nil
}

func (d *decoder) value() value.Value {
	n := d.count(1)
	if d.err != nil {
		return value.Null
	}
	v, err := value.DecodeCBOR(d.data[d.pos : d.pos+n])
	if err != nil {
		d.fail("has a value that cannot be read: " + err.Error())
		return value.Null
	}
	d.pos += n
	return v
}

func (d *decoder) optional() value.Value {
	if !d.flag() || d.err != nil {
		return value.Missing
	}
	return d.value()
}

func (d *decoder) texts() []string {
	n := d.count(1)
	var out []string
	for range n {
		out = append(out, d.text())
		if d.err != nil {
			return nil
		}
	}
	return out
}

func (d *decoder) length() int {
	n := d.uint()
	if n > 1<<31 {
		d.fail("has a length out of range")
		return 0
	}
	return int(n)
}

func (d *decoder) typ(depth int) *Type {
	t := &Type{Kind: TypeKind(d.byte())}
	if t.Kind > TypeNever {
		d.fail("has a type of unknown kind")
	}
	if depth > MaxDepth {
		d.fail("is nested too deep")
	}
	flags := d.byte()
	if d.err != nil {
		return Any
	}
	depth++
	if flags&flagElem != 0 {
		t.Elem = d.typ(depth)
	}
	if flags&flagItems != 0 {
		n := d.count(2)
		t.Items = make([]*Type, 0, min(n, 64))
		for range n {
			t.Items = append(t.Items, d.typ(depth))
			if d.err != nil {
				return Any
			}
		}
	}
	if flags&flagFields != 0 {
		for range d.some(6) {
			f := Field{Name: d.text(), Optional: d.flag(), Default: d.optional(), Doc: d.text()}
			f.Type = d.typ(depth)
			t.Fields = append(t.Fields, f)
			if d.err != nil {
				return Any
			}
		}
	}
	if flags&flagEnum != 0 {
		for range d.some(2) {
			t.Enum = append(t.Enum, d.value())
			if d.err != nil {
				return Any
			}
		}
	}
	if flags&flagRules != 0 {
		t.Rules = d.rules()
	}
	if flags&flagName != 0 {
		t.Name = d.ident()
	}
	if flags&flagDoc != 0 {
		t.Doc = d.ident()
	}
	t.Open = flags&flagOpen != 0
	if flags&flagName != 0 && t.Name == "" || flags&flagDoc != 0 && t.Doc == "" {
		d.fail("has an empty text that need not be there")
	}
	return t
}

// some is the count of a list that is written only if it holds something.
func (d *decoder) some(least int) int {
	n := d.count(least)
	if n == 0 {
		d.fail("has an empty list that need not be there")
	}
	return n
}

func (d *decoder) rules() *Rules {
	r := &Rules{
		Min: d.value(), Max: d.value(), ExclusiveMin: d.flag(), ExclusiveMax: d.flag(), MultipleOf: d.value(),
		MinLength: d.length(), MaxLength: d.length(), Pattern: d.text(), Unique: d.flag(), Format: d.text(),
	}
	d.pattern(r.Pattern)
	if !d.flag() || d.err != nil {
		return r
	}
	r.Clean = &Cleaning{
		Trim: d.flag(), Nulls: d.texts(), Extract: d.texts(), Strip: d.text(), TrueValues: d.texts(), FalseValues: d.texts(),
		Clamp: d.flag(), ClampMin: d.value(), ClampMax: d.value(), Upper: d.flag(), Lower: d.flag(), MaxLength: d.length(), Default: d.optional(),
	}
	for _, p := range r.Clean.Extract {
		d.pattern(p)
	}
	return r
}

func (d *decoder) pattern(p string) {
	if p == "" || d.err != nil {
		return
	}
	if _, err := regexp.Compile(p); err != nil {
		d.fail("has a pattern that cannot be read")
	}
}
