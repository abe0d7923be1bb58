package syntax

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

const corpus = "../../../shared/corpus"

// suiteCase is a case of the YAML test suite.
type suiteCase struct {
	ID, Name, YAML string
	Error          bool
	JSON           *string
	Events         string
}

func suiteCases(t testing.TB) []suiteCase {
	f, err := os.Open(corpus + "/yaml-test-suite.jsonl")
	if err != nil {
		t.Skip("the corpus is not there:", err)
	}
	defer f.Close()
	var cases []suiteCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c suiteCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// suiteDifferences are the cases in which we differ from the test suite, and
// why. A case that is not here must agree; one that is here must not.
var suiteDifferences = map[string]string{
	"2JQS":    "a duplicate key is an error here, also an empty one",
	"9C9N":    "a line inside brackets that stands too far left is a warning: PyYAML, which upstream uses, and every other parser accept it",
	"QB6E":    "the same inside quotes",
	"9JBA":    "a comment without a blank before it, behind a quote or a bracket, is a warning for the same reason",
	"CVW2":    "the same",
	"SU5Z":    "the same",
	"JEF9/02": "a file that ends in a block scalar without line break has none in the value, as PyYAML reads it and the specification's b-chomped-last says",
	"L24T/01": "the same",
}

// TestSuite judges every case of the YAML test suite: its values, its events,
// and whether it has to be rejected.
func TestSuite(t *testing.T) {
	cases := suiteCases(t)
	differ := 0
	for _, c := range cases {
		err := judge(c)
		reason, known := suiteDifferences[c.ID]
		switch {
		case err != nil && !known:
			t.Errorf("%s %s: %v\n%s", c.ID, c.Name, err, c.YAML)
		case err == nil && known:
			t.Errorf("%s agrees; remove it from the table (%s)", c.ID, reason)
		}
		if known {
			differ++
		}
	}
	t.Logf("%d cases, %d differ", len(cases), differ)
	if differ*20 > len(cases) {
		t.Errorf("%d of %d cases differ: more than 5 %%", differ, len(cases))
	}
}

func judge(c suiteCase) error {
	tree := Parse(source.NewFile(c.ID, []byte(c.YAML)), Budget{})
	if c.Error != diag.HasErrors(tree.Diags) {
		if c.Error {
			return errors.New("accepted, must be rejected")
		}
		return fmt.Errorf("rejected: %s", tree.Diags[0].Message)
	}
	if c.Error {
		return nil
	}
	if got := events(tree); got != c.Events {
		return fmt.Errorf("events\n%s\nwant\n%s", got, c.Events)
	}
	if c.JSON == nil {
		return nil
	}
	want := json.NewDecoder(strings.NewReader(*c.JSON))
	for _, doc := range tree.Docs {
		var w any
		if err := want.Decode(&w); err != nil {
			return fmt.Errorf("more documents than wanted (%v)", err)
		}
		if got := jsonValue(doc.Root); !reflect.DeepEqual(got, w) {
			return fmt.Errorf("value %#v, want %#v", got, w)
		}
	}
	if err := want.Decode(new(any)); err != io.EOF {
		return errors.New("fewer documents than wanted")
	}
	return nil
}

// jsonValue is n as encoding/json decodes it.
func jsonValue(n *Node) any {
	n = n.Deref()
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Mapping:
		m := map[string]any{}
		for _, pair := range n.Pairs {
			m[pair.Key.Deref().Value] = jsonValue(pair.Value)
		}
		return m
	case Sequence:
		s := []any{}
		for _, item := range n.Items {
			s = append(s, jsonValue(item))
		}
		return s
	}
	switch r := n.Resolve(); r.Kind {
	case Null:
		return nil
	case Bool:
		return r.Bool
	case Int:
		f, _ := r.BigInt().Float64()
		return f
	case Float:
		return r.Float
	default:
		return r.Text
	}
}

// events is the tree in the notation of the test suite.
func events(t *Tree) string {
	var b strings.Builder
	b.WriteString("+STR\n")
	for _, doc := range t.Docs {
		b.WriteString("+DOC")
		if doc.Start.Len() > 0 {
			b.WriteString(" ---")
		}
		b.WriteString("\n")
		if doc.Root == nil {
			b.WriteString("=VAL :\n")
		} else {
			nodeEvents(&b, doc, doc.Root)
		}
		b.WriteString("-DOC")
		if doc.End.Len() > 0 {
			b.WriteString(" ...")
		}
		b.WriteString("\n")
	}
	b.WriteString("-STR\n")
	return b.String()
}

func nodeEvents(b *strings.Builder, doc *Document, n *Node) {
	properties := ""
	if n.Anchor != "" {
		properties += " &" + n.Anchor
	}
	if n.Tag != "" {
		properties += " <" + fullTag(doc, n.Tag) + ">"
	}
	switch n.Kind {
	case Alias:
		fmt.Fprintf(b, "=ALI *%s\n", n.Value)
	case Scalar:
		style := map[Style]string{Empty: ":", Plain: ":", SingleQuoted: "'", DoubleQuoted: "\"", Literal: "|", Folded: ">"}[n.Style]
		escape := strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\t", "\\t", "\r", "\\r", "\b", "\\b")
		fmt.Fprintf(b, "=VAL%s %s%s\n", properties, style, escape.Replace(n.Value))
	case Mapping:
		flow := ""
		if n.Style == Flow {
			flow = " {}"
		}
		fmt.Fprintf(b, "+MAP%s%s\n", flow, properties)
		for _, pair := range n.Pairs {
			nodeEvents(b, doc, pair.Key)
			nodeEvents(b, doc, pair.Value)
		}
		b.WriteString("-MAP\n")
	case Sequence:
		flow := ""
		if n.Style == Flow {
			flow = " []"
		}
		fmt.Fprintf(b, "+SEQ%s%s\n", flow, properties)
		for _, item := range n.Items {
			nodeEvents(b, doc, item)
		}
		b.WriteString("-SEQ\n")
	}
}

// fullTag resolves a tag as written.
func fullTag(doc *Document, tag string) string {
	if strings.HasPrefix(tag, "!<") {
		return tag[2 : len(tag)-1]
	}
	handle, name := "!", tag[1:]
	if i := strings.IndexByte(name, '!'); i >= 0 {
		handle, name = tag[:i+2], name[i+1:]
	}
	prefix, ok := doc.Handles[handle]
	if !ok {
		prefix = map[string]string{"!!": "tag:yaml.org,2002:", "!": "!"}[handle]
	}
	return prefix + strings.ReplaceAll(name, "%21", "!")
}
