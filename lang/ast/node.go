package ast

import (
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
)

// Node is one node of a pipeline or body.
type Node struct {
	Loc  source.Location // of the whole node
	Obj  *shape.Object   // kind, metadata, spec, …
	Spec *shape.Object   // nil when it has none
	Tree *syntax.Tree

	// Kind is canonical ("llm_node"), "" if it is unknown (which was reported).
	Kind     string
	KindText Ident
	// Foreign: a dotted path or plugin:name; its spec is open.
	Foreign bool

	// Name is what other nodes call the node: in the body of a macro with the
	// invocation's name in front. Local is the part behind that, else "".
	Name  Ident
	Local string

	// Explicit: `dependencies` was given, even empty.
	Explicit bool
	DepsAt   *syntax.Node
	Deps     []Ident
	WaitFor  []Ident

	When     *Expr
	Mapping  []*Binding
	Mapped   bool
	Strict   bool
	Required []Ident
	OnError  *Ident
	Critical bool
	Exec     Exec

	Ports []*Port // the node's own
	// Policies are the node's own.
	Policies []*PolicyUse
	Input    *Schema // input_schema
	Output   *Schema // output_schema

	// Texts are all expressions and templates of the node's own scope besides
	// When and Mapping, kind by kind and in document order.
	Texts []*Expr

	// One of these is set for the kinds that have more structure.
	LLM        *LLM
	Expression *ExpressionSpec
	Data       *DataSpec
	Composite  *Composite
	Function   *Function
	// Macro is set for the call of a macro.
	Macro      *Invocation
	Agent      *Agent
	Call       *Call
	Wait       *Wait
	Transition *Transition
}

// Port is the port that the node's kind calls, "" for none.
func (n *Node) Port() string {
	if n.Obj.Kind == nil || n.Obj.Kind.Info == nil {
		return ""
	}
	if n.Kind == "api_call_node" && n.Call != nil {
		return n.Call.Port.Name // its port is named in the spec
	}
	return n.Obj.Kind.Info.Port
}

// Exec is how a node is run. A nil field was not given.
type Exec struct {
	Timeout    *Duration
	Attempts   *Number
	RetryDelay *Duration
	RetryMax   *Duration
	Backoff    *Number
	RetryOn    []Ident
}

// Duration is a time in nanoseconds.
type Duration struct {
	Nanos int64
	Loc   source.Location
}

// Number is an int or float.
type Number struct {
	Int   int64
	Float float64
	Loc   source.Location
}

// LLM is an llm_node's spec.
type LLM struct {
	// Messages are the prompt, in the order in which they are sent.
	Messages []Message
	Stream   bool
	Repairs  *Number
	// Overrides by canonical name: model, temperature, max_tokens, top_p, seed,
	// stop.
	Overrides map[string]*Expr
}

// ExpressionSpec is an expression_node's spec.
type ExpressionSpec struct {
	Vars    []*Binding
	Fields  []Ident
	Listed  bool // output_fields was given
	Merge   Ident
	Extract []Ident
	Reducer *Function
}

// DataSpec is a data_node's spec.
type DataSpec struct {
	Output []*Binding
}

// Composite is a composite_node's spec.
type Composite struct {
	Mode      Ident
	Condition *Expr
	Items     *Expr
	Count     *Expr
	ItemVar   Ident // default "item"
	IndexVar  Ident // default "index"
	Body      *Body
	Branches  []*Branch
	Else      *Branch

	Initial []*Binding
	Update  []*Binding

	MaxIterations      *Number
	Concurrency        *Number
	MaxConcurrentNodes *Number
	// Timeout is default_node_timeout: of the body's nodes that have none.
	Timeout         *Duration
	Collect         Ident
	KeyField        Ident
	Reducer         *Function
	ErrorHandling   Ident
	RouteDownstream bool
	// Pipeline is body_pipeline.
	Pipeline *Ident
}

// Function is a reference to code outside of the manifest, or code in it.
type Function struct {
	Scheme string // "go", "star", "python", "py", "mcp", "exec", "http"
	Name   string // what follows the scheme; a dotted path for python
	// File and Member split `star:file#member`.
	File, Member string
	// Inline is the text of `!star |` or `!py |`.
	Inline string
	Unpack bool
	Loc    source.Location
	Node   *syntax.Node
}
