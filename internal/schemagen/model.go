//go:build schemagen

package main

// The model is what the CUE files say, before it becomes Go source. It mirrors
// the types of package schema.

type model struct {
	defs  []*def // sorted by name
	byDef map[string]*def
	data  data
	sum   string
}

type def struct {
	name   string
	doc    string
	kind   string
	node   string
	port   string
	isNode bool
	open   string // "", "WarnUnknown", "Open"
	fields []*field
	rules  []rule
	remove []removed
	part   bool // is embedded in others
}

type removed struct{ name, note string }

type field struct {
	name     string
	doc      string
	typ      *typ
	required bool
	def      string // default as JSON
	aliases  []alias
	merge    string
	text     string
	ref      string
	cap      string
	secret   bool
	path     bool
	nonnull  bool
	canon    string
	ignored  string
	outdated string
	use      string
	example  string
	selectBy string
	cases    []selectCase
	embedded bool
}

type alias struct {
	name   string
	status string // "Alias", "Deprecated", "Misplaced"
}

type selectCase struct{ value, def string }

type typ struct {
	kind     string // as in schema.TypeKind
	name     string
	enum     []string
	pattern  string
	min, max *float64
	minExcl  bool
	minItems int
	elem     *typ
	def      string
	alts     []*typ
	isNode   bool
}

type rule struct {
	kind   string
	fields []string
	ifF    string
	is     []string
}

// data is the concrete part of the CUE files.
type data struct {
	Kinds           []string                 `json:"kinds"`
	NodeKinds       map[string]nodeKind      `json:"nodeKinds"`
	HistoricalKinds map[string]historical    `json:"historicalKinds"`
	Adapters        map[string]adapter       `json:"adapters"`
	PortTypes       map[string]portType      `json:"portTypes"`
	Caps            map[string]capability    `json:"caps"`
	CapAliases      map[string]string        `json:"capAliases"`
	Middlewares     map[string]middlewareDef `json:"middlewares"`
	Macros          map[string][]string      `json:"macros"`

	nodeOrder []string
}

type nodeKind struct {
	Class             string   `json:"class"`
	Module            string   `json:"module"`
	Aliases           []string `json:"aliases"`
	Deprecated        []string `json:"deprecated"`
	DeprecatedClasses []string `json:"deprecatedClasses"`
}

type historical struct {
	Use  string `json:"use"`
	Note string `json:"note"`
}

type adapter struct {
	Port       string   `json:"port"`
	Class      string   `json:"class"`
	Aliases    []string `json:"aliases"`
	Deprecated []string `json:"deprecated"`
}

type portType struct {
	Cap   string   `json:"cap"`
	Names []string `json:"names"`
}

type capability struct {
	Names bool   `json:"names"`
	Doc   string `json:"doc"`
}

type middlewareDef struct {
	Class string `json:"class"`
}
