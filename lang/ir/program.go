package ir

import "hexdag.dev/hexdag/lang/value"

// Version is the version of the serialised form. A reader refuses another one.
const Version = 1

// Program is a self-contained compiled pipeline or System. Indexes point into the slices
// named beside them; a decoded Program has been checked by Verify, so that its
// users need not.
type Program struct {
	Version int
	Kind    string // "Pipeline" or "System"
	Name    string // metadata.name, "" when it has none
	Files   []string
	Origin  Place

	Effective Effective
	Ports     []Port
	Code      []Code
	Env       []EnvUse
	// Services are what service_call nodes call; Machines the states of entities.
	Services []Service
	Machines []StateMachine
	// Middleware are the layers that ports and nodes refer to.
	Middleware []Middleware
	// Prices are what the configuration says that models cost. They come before
	// the built-in table, of which PriceTable is the version that the build saw.
	Prices     []Price
	PriceTable string

	// InputSchema is the encoded type (expr.EncodeType) of the declared run
	// input, nil when none is declared.
	InputSchema []byte
	// Inputs are the run-input fields that the program reads, declared or
	// inferred, in the order of first use.
	Inputs []Input

	Body Body
	// Output is the declared result in order; nil gives {}.
	Output []OutputField
	// OutputSchema is the encoded type of the result, nil when none is declared.
	OutputSchema []byte

	// Of a System, whose Body has a node for each process. Pipelines have neither
	// files nor ports nor a configuration of their own: see Instance.
	Pipelines []Program
	Pipes     []Pipe
	Init      *Init      // nil: started by hand
	Lifecycle *Lifecycle // nil: pipes order the processes
}

// Place is a range in a source file, complete enough to be shown without the
// file: lines and columns are 1-based, columns in code points, offsets in bytes;
// the end is exclusive.
type Place struct {
	File                    int // into Program.Files; -1 for none
	Line, Column, Offset    int
	EndLine, EndCol, EndOff int
	// Via are the call or include sites that brought the text here, outermost
	// first.
	Via []Place
}

// Body is one scope: the top level of a pipeline or the body of a composite.
type Body struct {
	Nodes []Node // in document order: dependency order is document order
}

// Node is one node with everything about it resolved.
type Node struct {
	// ID is stable under edits elsewhere: instance path and local name
	// (`loop/[body]/classify`).
	ID     string
	Name   string
	Kind   string // canonical: "llm_node"
	Origin Place

	Edges []Edge
	// Single is the index in the same Body of the one data dependency whose
	// fields are visible bare, or -1.
	Single int

	When *Expr // nil: always
	// Routes: if not empty, the node runs only if one of them selects it.
	Routes []Route

	// Mapping is input_mapping in order of its targets; Mapped tells an empty
	// mapping from none.
	Mapping []Binding
	Mapped  bool
	Strict  bool // strict_mapping
	// Args are the arguments of a macro's invocation that are templates over the
	// caller's scope. They are evaluated once, like mapping targets, before the
	// body starts, and are read as such: their index follows those of Mapping.
	Args []Binding
	// Required are the fields of the prepared input that must not be null.
	Required []string

	Attempts   int   // in all; at least 1
	RetryDelay int64 // all times in nanoseconds
	RetryMax   int64
	// RetryLinear: the pause grows by RetryDelay from attempt to attempt, whatever
	// Backoff says. RetryExact: pauses are not varied at random.
	RetryLinear, RetryExact bool
	RetryOn                 []string // error classes; nil: all that are retryable
	Backoff                 float64
	Timeout                 int64 // of one attempt; 0: none
	Critical                bool

	// Ports are the names of the ports that the node calls, with the cap that
	// each needs ("" for none) after resolution of node-level overrides.
	Ports []PortUse
	// Middleware are layers around every call that the node makes of a port,
	// outside of the port's own, innermost first; they index Program.Middleware.
	Middleware []int
	// Policies are those that hold for the node.
	Policies []NodePolicy

	// Result is the encoded type of the output, nil for any.
	Result []byte

	// Exactly one of these is set, by Kind.
	LLM        *LLM
	Expression *Expression
	Data       *Data
	Composite  *Composite
	Function   *Function
	Agent      *Agent
	Call       *Call
	Wait       *Wait
	Transition *Transition
	// Export has the Kind of the node that it stands for.
	Export  *Export
	Process *Process
}

// EdgeClass says what an edge means to scheduling.
type EdgeClass uint8

// Edge classes, see decisions-detail 25.
const (
	EdgeData EdgeClass = iota + 1
	EdgeChained
	EdgeWait
	EdgeOnError
	EdgeRoute
)

// Edge is one dependency of a node on another of the same Body.
type Edge struct {
	Node  int // index in the Body
	Class EdgeClass
	// Why are the reasons: "explicit", "reference", "wait_for", "chained",
	// "on_error", "route".
	Why []string
	// Reads are the places that read the node through this edge.
	Reads []Place
}

// Route selects a node if the router's result (a switch) is Target.
type Route struct {
	Router int // index in the Body
	Target string
}

// ExprMode says how Expr.Text is read.
type ExprMode uint8

// Expression modes. ModeConst has no text: the value stands in Const.
const (
	ModeExpr ExprMode = iota + 1
	ModeTemplate
	ModeMapping
	ModeConst
	// ModeList and ModeObject are structures with expressions inside, as nested
	// mappings and lists in input_mapping and in data give them.
	ModeList
	ModeObject
)

// Expr is an expression, template, constant or a structure of them. Its parsed
// tree is in Tree (expr.Encode).
type Expr struct {
	Mode  ExprMode
	Text  string
	Tree  []byte
	Const value.Value
	// Keys are an object's keys, Items its values or a list's items.
	Keys  []string
	Items []Expr
	// Slots: the n-th free head that the tree reads (each head once).
	Slots []Slot
	At    Place
	// Map leads from byte offsets in Text to places, sorted by Text.
	Map []Mark
}

// Mark starts a run of text: from byte offset Text on, the file has the same
// bytes at Line, Column, Offset if Exact, else one thing that stands for them.
type Mark struct {
	Text, Line, Column, Offset int
	Exact                      bool
}

// Slot says what a free head of an expression means (decisions-detail 15).
type Slot struct {
	Head      string // as written in the expression, without a dollar sign
	Namespace bool   // written with a dollar sign
	Kind      SlotKind
	// Up is how many bodies outward the thing lives: 0 is the node's own scope.
	Up int
	// Index: for SlotNode into Body.Nodes, for SlotTarget into Node.Mapping and
	// then Node.Args,
	// for SlotVar into Expression.Vars.
	Index int
	// Loop is the canonical name of a loop variable: item, index, total, is_first,
	// is_last, state, iteration. A slot with Up 0 belongs to an expression of the
	// composite itself (its condition, its state_update).
	Loop string
	// Whole: the head was `NODE.output` (Head then is "NODE.output", one name in
	// Tree): the field "output" if the node's result is an object that has it,
	// else the whole result.
	Whole bool
}

// SlotKind is where a value comes from.
type SlotKind uint8

// Slot kinds.
const (
	SlotNode   SlotKind = iota + 1 // the output of a node; null when it was skipped
	SlotTarget                     // an input_mapping target of the node at Up
	SlotVar                        // an earlier variable of the same expressions
	// SlotLoop is a loop variable of the composite Up levels out; Slot.Loop is its
	// canonical name, while Head may be the composite's own (`item_var: ticket`).
	SlotLoop
	// SlotBare is looked up by name at run time, innermost first: a field of the
	// node's single dependency (Node.Single); inside a composite's body then the
	// same for the composite, and so on outward; then a field of the run input;
	// then the bare spelling (input, ctx, state). A skipped single dependency
	// makes its fields null.
	SlotBare
	SlotInput  // $input: the run's input
	SlotCtx    // $ctx
	SlotError  // $error
	SlotErrors // $errors
	SlotBody   // $body
	// SlotAgent is what an agent says about itself to its prompts: Head is
	// reasoning_so_far, phase_context, phase_reason, phase_target or
	// current_phase.
	SlotAgent
	// SlotField is a field that the guard of a transition sees: Head is payload,
	// entity_type, entity_id, from_state, to_state, reason, or a field of the
	// payload.
	SlotField
)

// Binding is a named expression: a mapping target, a variable, a field.
type Binding struct {
	Name string
	Expr Expr
	At   Place // of the name
}

// OutputField is one entry of the pipeline's declared output.
type OutputField struct {
	Name string
	Node int      // into Body.Nodes
	Path []string // below the node's output
	At   Place
}

// Input is a field of the run input that the program reads.
type Input struct {
	Name     string
	Declared bool // in input_schema
	Required bool // some use fails without it
	// Supplied: a dependency of unknown shape could supply it where it is used,
	// so that its absence is no error before the run.
	Supplied bool
	Uses     []Place
}

// Port is an adapter bound to a port name.
type Port struct {
	Name    string
	Type    string // llm, memory, …; see decisions-detail 39
	Adapter string // canonical: "mock"; "" for a pool
	Config  value.Value
	Cap     string // what a call needs, "" for nothing
	Origin  Place
	// Pool are the adapters of a pool; Strategy is "round_robin" or "failover".
	Pool     []PoolMember
	Strategy string
	// Middleware wraps the adapter (or the pool), innermost first; it indexes
	// Program.Middleware.
	Middleware []int
	// AssumeMaxTokens is what to reserve for a call whose adapter can neither
	// bound its output nor count its usage; 0: not given.
	AssumeMaxTokens int
	// Requires are the capabilities that the Adapter document needs beside Cap.
	Requires []string
	From     []Source
	// Shared: of a process's port that is its System's, the index of that one
	// plus 1. It is opened once for all processes.
	Shared int
}

// Price is what a model costs, in micro-dollars for one million tokens.
type Price struct {
	Model  string // may end in `*`
	Input  int64
	Output int64
	// CachedInput is for tokens of the prompt that the provider had in its cache.
	CachedInput int64
	From        []Source
}

// PortUse is a node's use of a port.
type PortUse struct {
	Port int // into Program.Ports; -1 when the host must supply Name
	Name string
	Cap  string
}

// Code is source text of an embedded language.
type Code struct {
	Lang string // "starlark"
	File string // where it came from, relative to the root
	Text string
	Hash string // sha256 of Text, hex
}

// EnvUse records an environment variable that the build read; its value is not
// stored, only covered by the program's hash.
type EnvUse struct {
	Name    string
	Default bool // the default was used
	Secret  bool // never read at build: a reference
	Digest  string
}
