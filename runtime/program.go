package runtime

import (
	"fmt"
	"sync"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/runtime/machine"
)

// Program is a compiled program that can be run. It is immutable and safe for
// concurrent use by any number of runs.
type Program struct {
	ir       *ir.Program
	encoded  []byte
	hash     string
	semantic func() string
	prog     func() (*machine.Prog, error)
}

// Load reads a compiled program (.hexir). The error is one line with the way
// out. data must not be changed later.
func Load(data []byte) (*Program, error) {
	p, err := ir.Decode(data)
	if err != nil {
		return nil, err
	}
	return newProgram(p, data), nil
}

// LoadIR takes a program that was compiled in this process. p must not be
// changed later.
func LoadIR(p *ir.Program) (*Program, error) {
	if err := ir.Verify(p); err != nil {
		return nil, err
	}
	return newProgram(p, ir.Encode(p)), nil
}

func newProgram(p *ir.Program, encoded []byte) *Program {
	return &Program{
		ir: p, encoded: encoded, hash: ir.HashOf(encoded),
		semantic: sync.OnceValue(func() string { return ir.SemanticHash(p) }),
		prog:     sync.OnceValues(func() (*machine.Prog, error) { return loadMachine(p) }),
	}
}

func loadMachine(p *ir.Program) (*machine.Prog, error) {
	prog, err := machine.Load(p)
	if err != nil {
		return nil, fmt.Errorf("the program cannot be run: %w; build it again from its manifest", err)
	}
	return prog, nil
}

// IR is the compiled form. It must not be changed.
func (p *Program) IR() *ir.Program { return p.ir }

// Hash is "sha256:" and the hash of the whole program.
func (p *Program) Hash() string { return p.hash }

// Kind and Name are the program's.
func (p *Program) Kind() string { return p.ir.Kind }

// Name is metadata.name, "" when it has none.
func (p *Program) Name() string { return p.ir.Name }
