package expand

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/syntax"
)

// Errors that Options.Load may return.
var (
	// ErrOutside: the file is outside of the workspace root.
	ErrOutside = errors.New("it is outside of the workspace root")
	// ErrDirectory: there is a folder.
	ErrDirectory = errors.New("it is a folder")
)

// load reads the file of an include. nil means that it failed, which was
// reported.
func (c *composer) load(f *form, name string, from *source.File) *source.File {
	if name == ".." || strings.HasPrefix(name, "../") || path.IsAbs(name) {
		c.fail(diag.New(diag.IncludeEscape, f.loc, "%s is outside of the workspace root", f.path).
			WithHelp("%ss reach files below the root only; move the file, or start with --root", c.what))
		return nil
	}
	if c.cycle(f, name) {
		return nil
	}
	if len(c.stack) > MaxDepth {
		c.fail(diag.New(diag.IncludeDepth, f.loc, "includes are nested more than %d deep: %s", MaxDepth, c.chain(c.stack, name)).
			WithHelp("include the inner files from further out"))
		return nil
	}
	var file *source.File
	err := error(fs.ErrNotExist)
	if known := c.parsed[name]; known != nil {
		file, err = known, nil
	} else if c.opt.Load != nil {
		file, err = c.opt.Load(name)
	}
	if err != nil {
		c.read(Read{Name: name, From: from.Name()})
		c.unreadable(f, name, err)
		return nil
	}
	c.read(Read{Name: file.Name(), From: from.Name(), Found: true})
	if file.Name() != name && c.cycle(f, file.Name()) {
		return nil
	}
	return file.Again()
}

func (c *composer) read(r Read) {
	if !c.reads[r] {
		c.reads[r] = true
		c.out.Reads = append(c.out.Reads, r)
	}
}

// cycle reports a file that is open already.
func (c *composer) cycle(f *form, name string) bool {
	i := slices.Index(c.stack, name)
	if i < 0 {
		return false
	}
	c.fail(diag.New(diag.IncludeCycle, f.loc, "includes run in a circle: %s", c.chain(c.stack[i:], name)).
		WithHelp("remove one of these includes, or move what both files need to a third one"))
	return true
}

func (c *composer) chain(names []string, last string) string {
	return strings.Join(append(slices.Clone(names), last), " → ")
}

func (c *composer) unreadable(f *form, name string, err error) {
	switch {
	case errors.Is(err, ErrOutside):
		c.fail(diag.New(diag.IncludeEscape, f.loc, "%s leads outside of the workspace root", f.path).
			WithHelp("%ss reach files below the root only, also over symbolic links", c.what))
	case errors.Is(err, fs.ErrNotExist):
		d := diag.New(diag.IncludeMissing, f.loc, "there is no file %s", f.path).
			WithHelp("the path is relative to the file that contains it: %s was looked for, from the workspace root", name)
		if best := c.near(name); best != "" {
			fixed := relativeTo(path.Dir(f.loc.File.Name()), best)
			d = d.WithHelp("did you mean %q?", fixed)
			if f.loc.Span.Len() > 0 && f.loc.File.Slice(f.loc.Span) == f.path {
				d = d.WithFix("replace with \""+fixed+"\"", false, diag.Edit{Loc: f.loc, NewText: fixed})
			}
		}
		c.fail(d)
	case errors.Is(err, ErrDirectory):
		c.fail(diag.New(diag.IncludeUnreadable, f.loc, "%s is a folder", f.path).
			WithHelp("name the files that are needed one by one"))
	case errors.Is(err, fs.ErrPermission):
		c.fail(diag.New(diag.IncludeUnreadable, f.loc, "%s cannot be read: permission denied", f.path).
			WithHelp("make the file readable"))
	default:
		c.fail(diag.New(diag.IncludeUnreadable, f.loc, "%s cannot be read: %s", f.path, reason(err)).
			WithHelp("an %s names a YAML file of ordinary size", c.what))
	}
}

// reason is an error's text without paths of this machine.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// near is the name of the file that was probably meant: one in the same folder,
// or the one with the same base name and another ending.
func (c *composer) near(name string) string {
	if c.opt.Names == nil {
		return ""
	}
	dir, base := path.Split(name)
	names := c.opt.Names(path.Clean(dir))
	if best := suggest.Best(base, names); best != "" {
		return path.Join(dir, best)
	}
	stem := strings.TrimSuffix(base, path.Ext(base))
	for _, n := range names {
		if ext := path.Ext(n); strings.TrimSuffix(n, ext) == stem && (ext == ".yaml" || ext == ".yml") {
			return path.Join(dir, n)
		}
	}
	return ""
}

// relativeTo is the path of a file as somebody in a folder writes it.
func relativeTo(dir, name string) string {
	if dir == "." || dir == "" {
		return name
	}
	up := ""
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if rest, ok := strings.CutPrefix(name, d+"/"); ok {
			return up + rest
		}
		up += "../"
	}
	return up + name
}

// fragment finds the value of a top-level key, or the document of that name.
func (c *composer) fragment(f *form, file *source.File, docs []*syntax.Node) *syntax.Node {
	var found []*syntax.Node
	var known []string
	for _, d := range docs {
		if pair := d.PairOf(f.fragment); pair != nil && d.Deref().Kind == syntax.Mapping {
			found = append(found, pair.Value)
		} else if name := d.Get("metadata").Get("name").Deref(); len(docs) > 1 && name != nil && name.Kind == syntax.Scalar {
			if name.Value == f.fragment {
				found = append(found, d)
			}
			known = append(known, name.Value)
		}
		for key := range d.Entries() {
			if key.Kind == syntax.Scalar {
				known = append(known, key.Value)
			}
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	if len(found) > 1 {
		c.fail(diag.New(diag.IncludeFragment, f.fragLoc, "%d documents of %s have %q", len(found), f.path, f.fragment).
			WithHelp("move the one that is meant to a file of its own, or rename it"))
		return nil
	}
	d := diag.New(diag.IncludeFragment, f.fragLoc, "%s has no key %q at its top level", f.path, f.fragment)
	sort.Strings(known)
	known = slices.Compact(known)
	switch best := suggest.Best(f.fragment, known); {
	case best != "":
		d = d.WithHelp("did you mean %q?", best)
		if f.fragLoc.File.Slice(f.fragLoc.Span) == f.fragment {
			d = d.WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: f.fragLoc, NewText: best})
		}
	case len(known) == 0:
		d = d.WithHelp("the file has no keys at its top level; include it whole")
	case len(known) > 12:
		d = d.WithHelp("it has %s, …", strings.Join(known[:12], ", "))
	default:
		d = d.WithHelp("it has %s", strings.Join(known, ", "))
	}
	c.fail(d)
	return nil
}
