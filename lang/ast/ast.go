// Package ast is manifests as typed trees.
//
// Input: syntax trees and the schema table. Output: one File per source file
// with its documents, every node, expression, template and reference typed and
// with its place; and diagnostics about structure, expressions' and templates'
// syntax.
//
// Invariants: a value that is malformed is reported once and then absent, never
// guessed; whatever is there is complete (a Node has a name, a Binding an
// expression); everything carries its Location, also when it came from another
// file; nothing here is changed after Build returned.
//
// The three hardest cases: one thing with several spellings at several places
// (dependencies at node or spec level, template or human_message), of which the
// tree has only one; a string whose nature depends on its text (constant,
// template, expression) in structures of any depth; a half-typed document, in
// which what is whole must still be found.
package ast

import (
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expand"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/shape"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/lang/value"
)

// File is one source file.
type File struct {
	Source *source.File
	// Tree is the file as it is written.
	Tree *syntax.Tree
	// Composed is the file with what it includes; the nodes of Docs are its.
	Composed *expand.Composed
	Docs     []*Doc
	Diags    []diag.Diagnostic
}

// Doc is one document of a stream.
type Doc struct {
	File *File
	// Kind is the canonical kind ("Pipeline"); "" for a fragment or an unknown
	// kind.
	Kind      string
	Root      *syntax.Node  // as it is written
	Obj       *shape.Object // nil for a fragment
	Name      Ident
	Namespace string
	// Pipeline is set for Kind Pipeline. For a fragment that is a list of nodes
	// or one node, too; Fragment then is true.
	Pipeline *Pipeline
	Fragment bool
	// Imports are the definitions of other files that spec.imports names.
	Imports []*Doc
	// Env is what the document reads from the environment, by first use.
	Env []EnvUse
	// Adapter is set for Kind Adapter: what a port that refers to it has.
	Adapter *Port
	// System is set for Kind System.
	System *System
	// Config is set for Kind Config.
	Config *Config
	// Policy is set for Kind Policy, Middleware for Kind Middleware.
	Policy     *Policy
	Middleware *Stack
	// Macro is set for Kind Macro.
	Macro *Macro
}

// Open reports whether names may be missing from the document that belong to it:
// it is a fragment, or includes a file that could not be read.
func (d *Doc) Open() bool { return d.Fragment || d.File.Composed.Incomplete }

// Ident is a name where it is written.
type Ident struct {
	Name string
	Loc  source.Location
	Node *syntax.Node
}

// Pipeline is the spec of a Pipeline.
type Pipeline struct {
	Spec  *shape.Object
	Nodes []*Node
	Configuration
	// Output entries in order; OutputAt is where the block is.
	Output    []*OutputEntry
	Input     *Schema // declared run input, nil when none
	Result    *Schema // output_schema
	Variables *syntax.Node
	Types     map[string]*expr.Type // custom_types
	Aliases   map[string]string
	Machines  []*StateMachine
}

// OutputEntry is one declared result.
type OutputEntry struct {
	Name Ident
	Path []Ident // node, then fields
	Node *syntax.Node
}

// Config is the spec of a Config.
type Config struct {
	Configuration
}

// Port is one entry of `ports`.
type Port struct {
	Name    Ident
	Obj     *shape.Object
	Null    bool  // the port that a farther layer has is taken away
	Adapter Ident // "" for a reference or a pool
	Ref     Ident
	// Config is the adapter's settings: an object, with secrets as handles.
	Config value.Value
	// Type is what the spec says that the port is, "" if it does not.
	Type Ident
	// Pool are the members of a pool; Strategy is how it chooses.
	Pool     []*Port
	Strategy Ident
	// Middleware is nil if the spec has none.
	Middleware *Stack
	// AssumeMaxTokens is nil if it was not given.
	AssumeMaxTokens *Number
	// Requires are the capabilities that an Adapter document needs.
	Requires []Ident
}

// ScopedPort is an entry of type_ports (Scope "type") or node_ports ("node").
type ScopedPort struct {
	Scope, Owner string
	Port         *Port
}

// Schema is an input_schema or output_schema.
type Schema struct {
	Type *expr.Type
	Loc  source.Location
	Node *syntax.Node
}

// Mode says what an Expr is.
type Mode uint8

// Modes.
const (
	Const Mode = iota + 1
	Expression
	Template
	Mapping // an input_mapping source
	List
	Object
)

// Role says at which place an Expr stands; it decides which names it sees.
type Role uint8

// Roles.
const (
	RoleWhen      Role = iota + 1 // sees nodes and mapping targets
	RoleMapping                   // sees nodes, not the mapping's own targets
	RoleVariable                  // sees earlier variables too
	RoleText                      // templates and expressions of the node's own work
	RoleItems                     // for-each items, times count: evaluated once
	RoleCondition                 // while condition, branch conditions
	RoleState                     // state_update, initial_state
)

// Expr is a constant, an expression, a template, or a structure of them.
type Expr struct {
	Mode  Mode
	Role  Role
	Field string // path of the field for messages: "expressions.total"
	Text  expr.Text
	// Tree is the parsed text; a syntax error leaves what could be read of it.
	Tree expr.Node
	// Faulty: parsing reported an error.
	Faulty bool
	Const  value.Value
	Keys   []Ident
	Items  []*Expr
	Loc    source.Location
	Node   *syntax.Node
	// Var is the index of the variable for RoleVariable.
	Var int
}

// Binding is a named expression.
type Binding struct {
	Name Ident
	Expr *Expr
}

// Body is a nested list of nodes, or a function instead of it.
type Body struct {
	Label string // "body", "else", "branch 0": part of the nodes' identity
	Nodes []*Node
	Func  *Function
	Loc   source.Location
}

// Branch is one branch of a switch.
type Branch struct {
	Condition *Expr
	Action    Ident
	Body      *Body
	Loc       source.Location
}

// Loc is the place of a node of the file or of what it includes.
func (f *File) Loc(n *syntax.Node) source.Location {
	return source.Location{File: f.Composed.Tree.FileOf(n), Span: n.Span}
}
