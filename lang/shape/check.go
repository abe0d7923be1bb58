package shape

import (
	"slices"
	"sync"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// Options tell what a document knows besides itself. The zero value is a
// document that stands alone.
type Options struct {
	// Macros reports whether a name is a macro that another file supplies; those
	// of the same stream are found without it. It may be nil.
	Macros func(name string) bool
	// Stream is the stream that the document belongs to, if its caller checks
	// several documents of it: what they know of each other is then found once.
	Stream *Stream
	// Linked says that everything the document can see is known, so that an
	// unknown kind is an error even if the document imports others.
	Linked bool
	// Environment fills environment variables into a scalar that has some: the
	// result is a syntax.BuiltText, or nil if the text is only known at run time
	// or not at all, which was reported. It may be nil.
	Environment func(n *syntax.Node) *syntax.Node
}

// CheckDocument checks one document by its `kind`. root may be any node; nil and
// what is no mapping or list give nil. For a list, and for a mapping that is no
// manifest (see IsManifest), it checks a fragment, and the Object has no Def.
func CheckDocument(t *syntax.Tree, root *syntax.Node, ds *diag.List) *Object {
	return CheckDocumentWith(t, root, Options{}, ds)
}

// CheckDocumentWith is CheckDocument with options.
func CheckDocumentWith(t *syntax.Tree, root *syntax.Node, opt Options, ds *diag.List) *Object {
	c := newChecker(t, opt, ds)
	n := root.Deref()
	if n == nil {
		return nil
	}
	return c.document(n)
}

// CheckNode checks one node of a pipeline that stands alone, as an item of a
// fragment.
func CheckNode(t *syntax.Tree, n *syntax.Node, ds *diag.List) *Object {
	return CheckNodeWith(t, n, Options{}, ds)
}

// CheckNodeWith is CheckNode with options.
func CheckNodeWith(t *syntax.Tree, n *syntax.Node, opt Options, ds *diag.List) *Object {
	c := newChecker(t, opt, ds)
	c.unlinked = true // what a fragment is included into may know more
	v := c.value(n, nodeType, nil, place{name: "node"})
	return v.Object
}

var nodeType = func() *schema.Type {
	return schema.ByName("PipelineSpec").Field("nodes").Type.Elem
}()

// Check checks n against any definition.
func Check(t *syntax.Tree, n *syntax.Node, def *schema.Def, ds *diag.List) *Object {
	c := newChecker(t, Options{}, ds)
	d := n.Deref()
	if d == nil {
		return nil
	}
	return c.mapping(d, def, place{name: def.Title})
}

// IsManifest reports whether a mapping is meant as a manifest: it has a `kind`
// that is no node's, or lacks `kind` and has other keys that only manifests
// have.
func IsManifest(n *syntax.Node) bool {
	n = n.Deref()
	if n == nil || n.Kind != syntax.Mapping {
		return false
	}
	if k := n.Get("kind").Deref(); k != nil {
		_, _, node := schema.NodeKind(k.Value)
		return !node
	}
	return n.Get("spec") != nil || n.Get("metadata") != nil || n.Get("apiVersion") != nil || n.Get("nodes") != nil
}

// checker holds the state of one check.
type checker struct {
	tree    *syntax.Tree
	ds      *diag.List
	opt     Options
	mute    int // above 0 nothing is reported
	seen    map[finding]bool
	aliases map[string]string // spec.aliases of the document
	stream  *Stream
	// unlinked says that an unknown kind may be a macro that is not here.
	unlinked bool
	// compared counts the names that suggestions have looked at, see best.
	compared int
	// kinds are the names of node kinds that may be suggested, made when needed.
	kinds []string
}

// maxCompared is how many names suggestions may look at in one check: a file
// with thousands of faults must not get a search for each.
const maxCompared = 20_000

// best is the name that was probably meant; "" for none.
func (c *checker) best(name string, known []string) string {
	if c.mute > 0 || c.compared >= maxCompared {
		return ""
	}
	c.compared += len(known)
	return suggest.Best(name, known)
}

// finding identifies what was reported, so that a value with several aliases is
// reported once.
type finding struct {
	code diag.Code
	at   source.Location
	msg  string
}

func newChecker(t *syntax.Tree, opt Options, ds *diag.List) *checker {
	c := &checker{tree: t, ds: ds, opt: opt, seen: map[finding]bool{}, stream: opt.Stream}
	if c.stream == nil {
		c.stream = NewStream(t)
	}
	return c
}

// Stream is what the documents of a file know of each other. It is safe for
// concurrent use.
type Stream struct {
	tree   *syntax.Tree
	once   sync.Once
	macros map[string]bool
}

// NewStream makes the Stream of a file.
func NewStream(t *syntax.Tree) *Stream { return &Stream{tree: t} }

// names are the names of the stream's macros.
func (s *Stream) names() map[string]bool {
	s.once.Do(func() {
		s.macros = map[string]bool{}
		for _, d := range s.tree.Docs {
			root := d.Root.Deref()
			if root == nil || root.Kind != syntax.Mapping {
				continue
			}
			if k := root.Get("kind").Deref(); k == nil || k.Value != "Macro" {
				continue
			}
			if name := root.Get("metadata").Get("name").Deref(); name != nil && name.Kind == syntax.Scalar {
				s.macros[name.Value] = true
			}
		}
	})
	return s.macros
}

func (c *checker) at(n *syntax.Node) source.Location {
	return source.Location{File: c.tree.FileOf(n), Span: n.Span}
}

func (c *checker) report(d diag.Diagnostic) {
	if c.mute > 0 {
		return
	}
	key := finding{d.Code, d.Loc, d.Message}
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	d.Fixes = slices.DeleteFunc(d.Fixes, func(f diag.Fix) bool {
		return slices.ContainsFunc(f.Edits, func(e diag.Edit) bool { return e.Loc.IsZero() })
	})
	c.ds.Add(d)
}

// replace is an edit of the whole of n; none for what the build made, which
// stands in no file.
func (c *checker) replace(n *syntax.Node, text string) diag.Edit {
	if n.Built != syntax.Written {
		return diag.Edit{}
	}
	return diag.Edit{Loc: c.at(n), NewText: text}
}

func (c *checker) document(n *syntax.Node) *Object {
	if n.Kind == syntax.Sequence && c.nodeList(n) {
		return &Object{Node: n}
	}
	if n.Kind != syntax.Mapping {
		c.notMapping(n)
		return nil
	}
	pair := n.PairOf("kind")
	if pair == nil {
		if !IsManifest(n) {
			c.fragment(n)
			return &Object{Node: n}
		}
		if !n.Broken {
			c.report(diag.New(diag.MissingKind, c.firstKey(n), "the manifest has no `kind`").
				WithHelp("write `kind: Pipeline` above it").
				WithFix("insert `kind: Pipeline`", false, diag.Edit{Loc: c.before(n), NewText: "kind: Pipeline\n" + c.indentOf(n)}))
		}
		return &Object{Node: n}
	}
	kind := pair.Value.Deref()
	if kind == nil || kind.Broken {
		return &Object{Node: n}
	}
	if kind.Kind != syntax.Scalar || kind.Resolve().Kind == syntax.Null {
		c.report(diag.New(diag.MissingKind, c.at(pair.Key), "`kind` has no value").
			WithHelp("write one of %s", quotedList(schema.KindNames())))
		return &Object{Node: n}
	}
	def := schema.Kind(kind.Value)
	if def == nil {
		d := diag.New(diag.UnknownKind, c.at(kind), "unknown kind %q", kind.Value)
		if best := c.best(kind.Value, schema.KindNames()); best != "" {
			d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, c.replace(kind, best))
		} else {
			d = d.WithHelp("the kinds of documents are %s", quotedList(schema.KindNames()))
		}
		c.report(d)
		return &Object{Node: n}
	}
	spec := n.Get("spec").Deref()
	for key, v := range spec.Get("aliases").Entries() {
		if v = v.Deref(); v != nil && v.Kind == syntax.Scalar {
			if c.aliases == nil {
				c.aliases = map[string]string{}
			}
			c.aliases[key.Value] = v.Value
		}
	}
	if !c.opt.Linked && spec.Get("imports") != nil {
		c.unlinked = true
	}
	o := c.mapping(n, def, place{name: def.Title, anchor: kind})
	c.version(o)
	return o
}

// version warns of an apiVersion that is not known.
func (c *checker) version(o *Object) {
	f := o.Get("apiVersion")
	if f == nil || !f.OK || f.Null || f.Dynamic {
		return
	}
	switch f.Value.Value {
	case "hexdag/v1", "v1":
	default:
		c.report(diag.New(diag.UnknownVersion, c.at(f.Value), "unknown apiVersion %q; it is read as \"hexdag/v1\"", f.Value.Value).
			WithHelp("write `apiVersion: hexdag/v1`, or leave it out").
			WithFix("replace with \"hexdag/v1\"", true, c.replace(f.Value, "hexdag/v1")))
	}
}

func (c *checker) notMapping(n *syntax.Node) {
	if n.Broken || n.Kind == syntax.Scalar && n.Style == syntax.Empty || isInclude(n) {
		return
	}
	if n.Kind == syntax.Scalar && n.Resolve().Kind == syntax.Null {
		return
	}
	c.report(diag.New(diag.NotAManifest, c.at(n), "a document must be a mapping with `kind`, `metadata` and `spec`, not %s", found(n)).
		WithHelp("start with `kind: Pipeline`"))
}

// nodeList checks a list of nodes for inclusion; false if the list holds nothing
// that could be a node.
func (c *checker) nodeList(n *syntax.Node) bool {
	any := len(n.Items) == 0
	for _, item := range n.Items {
		d := item.Deref()
		any = any || d != nil && (d.Kind == syntax.Mapping || isInclude(d))
	}
	if !any {
		return false
	}
	unlinked := c.unlinked
	c.unlinked = true
	c.value(n, schema.ByName("PipelineSpec").Field("nodes").Type, nil, place{name: "nodes"})
	c.unlinked = unlinked
	return true
}

// fragment checks a mapping for inclusion by the shape that it has: one port
// map, or any other mapping.
func (c *checker) fragment(n *syntax.Node) {
	ports := 0
	total := 0
	for _, v := range n.Entries() {
		total++
		v = v.Deref()
		if v != nil && v.Kind == syntax.Mapping && (v.Get("adapter") != nil || v.Get("ref") != nil || v.Get("adapters") != nil) {
			ports++
		}
	}
	if total == 0 || ports < total {
		c.drift(n)
		return
	}
	c.value(n, schema.ByName("PipelineSpec").Field("ports").Type, nil, place{name: "ports"})
}

// firstKey is the place of a mapping's first key, for what is missing in it.
func (c *checker) firstKey(n *syntax.Node) source.Location {
	if n.Kind == syntax.Mapping && len(n.Pairs) > 0 {
		return c.at(n.Pairs[0].Key)
	}
	return c.at(n)
}

// before is the empty place where a mapping's content begins.
func (c *checker) before(n *syntax.Node) source.Location {
	return source.Location{File: c.tree.FileOf(n), Span: source.Span{Start: n.Span.Start, End: n.Span.Start}}
}

// indentOf is the white space before a mapping's first key on its line.
func (c *checker) indentOf(n *syntax.Node) string {
	file := c.tree.FileOf(n)
	line := file.LineSpan(file.Line(int(n.Span.Start)))
	text := file.Slice(source.Span{Start: line.Start, End: n.Span.Start})
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if text[i] == '\t' {
			out = append(out, '\t')
		} else if text[i] < 0x80 || text[i] >= 0xC0 {
			out = append(out, ' ')
		}
	}
	return string(out)
}
