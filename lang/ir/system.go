package ir

// KindSystem and KindPipeline are the kinds of programs.
const (
	KindPipeline = "Pipeline"
	KindSystem   = "System"
)

// ProcessKind is the Kind of the nodes of a System.
const ProcessKind = "process"

// Process is a node of a System: a pipeline that runs as a child. Node.Mapping is
// what its pipes give; expressions read another process as an object with the
// fields `nodes` (name → result, of the nodes in Reads), `outputs` (the
// pipeline's declared output) and `whole` (of the nodes in Whole, the field
// `output` of the result if it is an object that has it, else the result).
type Process struct {
	// Pipeline is an index into Program.Pipelines. Processes whose pipelines
	// compile to the same program share one.
	Pipeline int
	// Effective is the configuration that holds for the pipeline in this process.
	Effective Effective
	// Ports are the pipeline's ports in this process.
	Ports []Port
	// Input are fields of the process's input that lie under Node.Mapping and
	// over the System's input.
	Input []Binding
	// Reads and Whole are indexes of top-level nodes of the pipeline, ascending.
	Reads, Whole []int
	// Declared and Returns are the encoded types of the process's own
	// input_schema and output_schema, nil for none.
	Declared, Returns []byte
	At                Place // of the reference to the pipeline
}

// Pipe leads from one process to another, both indexes into Body.Nodes.
type Pipe struct {
	From, To int
	Targets  []string // inputs of To that it gives
	At       Place
}

// Instance is the pipeline of a System's process as a program of its own, with
// the configuration and the ports that it has there. It shares memory with p.
func (p *Program) Instance(n *Node) *Program {
	q := p.Pipelines[n.Process.Pipeline]
	q.Version, q.Files, q.Effective, q.Ports = p.Version, p.Files, n.Process.Effective, n.Process.Ports
	return &q
}
