package ir

// LLM is an llm_node.
type LLM struct {
	Port     PortUse
	Messages []Message
	// Schema is the encoded type of output_schema, nil for text.
	Schema []byte
	// Repairs is how often an answer that does not fit Schema is sent back.
	Repairs int
	Stream  bool
	// Overrides of the adapter's configuration for this call; nil where unset.
	Model                *Expr
	Temperature, TopP    *Expr
	MaxTokens, Seed      *Expr
	Stop                 *Expr
	EstimatePromptTokens int // static lower bound, for the budget table
}

// Message is one message of a prompt.
type Message struct {
	Role string // system, user, assistant, tool
	Text Expr
	// More are texts that follow Text in the same message.
	More []Expr
	// List: Text is no text but gives a list of messages {role, content}, which
	// stand in the place of this one; Role is "" then.
	List bool
}

// Expression is an expression_node.
type Expression struct {
	Vars []Binding // in order: later ones see earlier ones
	// Fields are the names of the result; nil for all.
	Fields []string
	// Merge is dict, list, first, last, reduce or "".
	Merge   string
	Extract []string // path taken from each dependency first
	Reducer *Function
}

// Data is a data_node.
type Data struct {
	Output []Binding
}

// Function is a function_node, or a reducer.
type Function struct {
	Scheme string // "go", "star", "python", "py", "exec", "http", "mcp"
	// Name: the registered name (go), the function in Code (star, py), the dotted
	// path (python), the command line (exec), the address (http), SERVER/TOOL (mcp):
	// the server is the port MCPPort(SERVER), else the port SERVER.
	Name   string
	Code   int  // into Program.Code; -1 for none
	Unpack bool // unpack_input: fields become keyword arguments
	// Input and Output are encoded types of declared schemas, nil for none.
	Input, Output []byte
	At            Place
}

// MCPPort is the name of the port that stands for the MCP server of an entry of
// spec.tools; no port of a manifest has such a name.
func MCPPort(server string) string { return "mcp/" + server }

// CompositeMode is the mode of a composite_node.
type CompositeMode uint8

// Composite modes.
const (
	ModeWhile CompositeMode = iota + 1
	ModeForEach
	ModeTimes
	ModeIfElse
	ModeSwitch
	// ModeMacro is the invocation of a macro: Body runs once.
	ModeMacro
)

// Composite is a composite_node.
type Composite struct {
	Mode      CompositeMode
	Condition *Expr // while, if-else
	Items     *Expr // for-each
	ItemVar   string
	IndexVar  string
	Count     *Expr // times
	Body      *Body // while, for-each, times; if-else's then
	// BodyFunc is a body given as a function instead.
	BodyFunc *Function
	Branches []Branch
	Else     *Branch // if-else, switch

	InitialState []Binding
	StateUpdate  []Binding
	MaxIter      int

	Concurrency int
	// Collect is list, last, first, dict, reduce.
	Collect  string
	KeyField string
	Reducer  *Function
	// OnError is fail_fast, continue, collect.
	OnError string
	// MaxConcurrentNodes bounds effects inside the body; 0: only the run's bound.
	MaxConcurrentNodes int
	// RouteDownstream: the switch's actions are nodes that it selects.
	RouteDownstream bool

	// Outputs is what an invocation of a macro gives, as expressions in the scope
	// of Body; nil if the macro declares none: then it gives the output of its
	// only exit, or {exit: output}.
	Outputs []Binding
	// Exits are the nodes of a macro's Body that nothing in it depends on, in
	// order, into Body.Nodes. Handlers are none, unless there is nothing else.
	Exits []int
}

// Export is a node that stands for one inside an earlier node of its scope, the
// invocation of a macro: it settles as that node did.
type Export struct {
	Owner int // into the Nodes of the own Body: the invocation
	Node  int // into the Nodes of the invocation's Body
}

// Branch is a branch of a switch or the else of an if-else.
type Branch struct {
	Condition *Expr // nil for else
	Action    string
	Body      *Body     // may be nil
	BodyFunc  *Function // may be nil
	At        Place
}
