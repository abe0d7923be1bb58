package ide

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"

	"hexdag.dev/hexdag/lang/source"
)

// TestIncludedFiles: what an editor asks about a manifest that includes others is
// answered in the right file, wherever the cursor is.
func TestIncludedFiles(t *testing.T) {
	archive := txtar.Parse([]byte(`-- main.yaml --
kind: Pipeline
metadata: {name: main}
spec:
  variables: {n: 1}
  nodes:
    - !include {path: part.yaml, vars: {who: long_enough}}
    - kind: expression_node
      metadata: {name: «use:use»}
      spec: {expressions: {x: «first:first».value + spec.variables.n}}
  output: {x: use.x}
-- part.yaml --
# A comment that makes the offsets in this file larger than those of the file that
# includes it: a place that is looked up in the wrong text would be past its end.
# A comment that makes the offsets in this file larger than those of the file that
# includes it: a place that is looked up in the wrong text would be past its end.
# A comment that makes the offsets in this file larger than those of the file that
# includes it: a place that is looked up in the wrong text would be past its end.
- kind: expression_node
  metadata: {name: «here:first»}
  spec: {expressions: {value: "'{{ who }}' + $input.y"}}
- kind: data_node
  metadata: {name: "{{ who }}"}
  spec: {output: {text: "{{ first.value }} ${REGION}"}}
`))
	snap, marks := workspace(t, archive.Files)
	at := map[string]mark{}
	for _, m := range marks {
		at[m.name] = m
	}
	for _, name := range []string{at["use"].path, at["here"].path} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i <= len(data); i++ {
			for _, err := range []error{
				second(Complete(snap, name, i)), second(Hover(snap, name, i, lookup)), second(Definition(snap, name, i)),
				second(Highlights(snap, name, i)), second(SignatureHelp(snap, name, i)), second(SelectionRanges(snap, name, i)),
				second(References(context.Background(), snap, name, i, true)),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		whole := source.Span{End: int32(len(data))}
		for _, err := range []error{
			second(Hints(snap, name, whole)), second(Actions(snap, name, whole, nil)), second(Tokens(snap, name)), second(Folds(snap, name)),
			second(Outline(snap, name)), second(Lenses(snap, name)), second(Links(snap, name)),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	defs, err := Definition(snap, at["first"].path, int(at["first"].span.Start))
	if err != nil || len(defs) != 1 || filepath.Base(defs[0].Path) != "part.yaml" || defs[0].Span != at["here"].span {
		t.Errorf("the definition of first is %v, %v; want %v", defs, err, at["here"])
	}
}

func second[T any](_ T, err error) error { return err }
