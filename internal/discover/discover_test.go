package discover

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree writes files (text by path; "" for an empty folder whose path ends in /).
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		full := filepath.Join(root, filepath.FromSlash(path))
		if strings.HasSuffix(path, "/") {
			full, text = filepath.Join(full, ".keep"), ""
		}
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const manifest = "kind: Pipeline\n"

// found is the result relative to root.
func found(t *testing.T, root string) []string {
	t.Helper()
	r := Manifests(root)
	for _, err := range r.Errors {
		t.Error(err)
	}
	out := []string{}
	for _, p := range r.Paths {
		out = append(out, strings.TrimPrefix(p, filepath.ToSlash(root)+"/"))
	}
	return out
}

func TestManifestsAreFoundInOrder(t *testing.T) {
	root := tree(t, map[string]string{
		"b.yml":            manifest,
		"a/z.yaml":         manifest,
		"a.yaml":           manifest,
		"a-b.YAML":         manifest,
		"fragment.yaml":    "- kind: llm_node\n",
		"deploy.yaml":      "apiVersion: apps/v1\nkind: Deployment\n",
		"notes.txt":        manifest,
		".git/config.yaml": manifest,
		".hidden/x.yaml":   manifest,
	})
	got := found(t, root)
	want := []string{".hidden/x.yaml", "a-b.YAML", "a.yaml", "a/z.yaml", "b.yml"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !slices.IsSorted(got) {
		t.Error("not sorted")
	}
}

func TestTheWorkingDirectoryGivesShortPaths(t *testing.T) {
	t.Chdir(tree(t, map[string]string{"p/a.yaml": manifest, "b.yaml": manifest}))
	if d := cmp.Diff([]string{"b.yaml", "p/a.yaml"}, Manifests(".").Paths); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"p/a.yaml"}, Manifests("./p/").Paths); d != "" {
		t.Error(d)
	}
}

func TestLinks(t *testing.T) {
	root := tree(t, map[string]string{"a/a.yaml": manifest, "b/": ""})
	for link, target := range map[string]string{
		"a/loop":        "..",                // a loop
		"b/linked.yaml": "../a/a.yaml",       // a file
		"b/folder.yaml": "../a",              // a folder with the name of a manifest
		"b/self.yaml":   "../b/../b/../a",    // the same by another way
		"top":           filepath.Dir(root),  // out of the tree
		"b/outside":     "/proc/self/fdinfo", // somewhere else altogether
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Skip("this file system has no links: ", err)
		}
	}
	if d := cmp.Diff([]string{"a/a.yaml", "b/linked.yaml"}, found(t, root)); d != "" {
		t.Error(d)
	}
	asLink := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, asLink); err != nil {
		t.Fatal(err)
	}
	if n := len(Manifests(asLink).Paths); n != 2 {
		t.Errorf("a link to a folder, asked for by name: %d manifests", n)
	}
}

func TestWhatCannotBeReadIsReported(t *testing.T) {
	root := tree(t, map[string]string{"a.yaml": manifest})
	if err := os.Symlink("nowhere", filepath.Join(root, "broken.yaml")); err != nil {
		t.Skip("this file system has no links: ", err)
	}
	r := Manifests(root)
	if len(r.Paths) != 1 || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Error(), "broken.yaml") {
		t.Errorf("%+v", r)
	}
	if r := Manifests(filepath.Join(root, "missing")); len(r.Errors) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAHugeFileIsTaken(t *testing.T) {
	root := tree(t, map[string]string{"a.yaml": manifest})
	f, err := os.Create(filepath.Join(root, "huge.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(MaxFileSize + 1); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if d := cmp.Diff([]string{"a.yaml", "huge.yaml"}, found(t, root)); d != "" {
		t.Error(d)
	}
}

// TestAKindFarDown stands behind what the first read brings.
func TestAKindFarDown(t *testing.T) {
	filler := "metadata: {}\nspec:\n" + strings.Repeat("  - some text\n", 20_000)
	root := tree(t, map[string]string{
		"a.yaml": filler + "kind: Pipeline\n",
		"b.yaml": filler + "kind: Deployment\n",
		"c.yaml": filler + "kind: Policy\napiVersion: kyverno.io/v1\n",
		"d.yaml": manifest, // after a file that needed a larger buffer
	})
	if d := cmp.Diff([]string{"a.yaml", "d.yaml"}, found(t, root)); d != "" {
		t.Error(d)
	}
}

func TestIsManifest(t *testing.T) {
	for text, want := range map[string]bool{
		"kind: Pipeline":                                      true,
		"\ufeffkind: Pipeline\r\n":                            true,
		"# c\r%YAML 1.2\r---\rkind: System\r":                 true,
		"%YAML 1.2\n---\nkind: System\n":                      true,
		"--- # start\nkind: Config # settings\n":              true,
		"--- {kind: Macro}\n":                                 true,
		"{\"apiVersion\": \"v1\",\n \"kind\": \"Adapter\"}\n": true,
		"  kind: Policy\n  spec: {}\n":                        true,
		"'kind' : 'Test'\n":                                   true,
		"kind: !!str &a Pipeline\n":                           true,
		"metadata: {}\nspec:\n  kind: x\nkind: Middleware":    true,
		"a: 1\n---\nb: 1\n...\n---\nkind: Pipeline\n":         true,
		"kind: Pipline\n":                                     true,
		"kind: pipeline\n":                                    true,
		"apiVersion: hexdag/v1\nkind: Sytem\n":                true,
		"apiVersion: hexdag.io/v2\nkind: System\n":            true,

		"":                            false,
		"---\n...\n":                  false,
		"spec:\n  kind: Pipeline\n":   false,
		"- kind: Pipeline\n":          false,
		"kind: llm_node\n":            false,
		"kinds: Pipeline\n":           false,
		"kind:\n":                     false,
		"kind Pipeline\n":             false,
		"# kind: Pipeline\n":          false,
		"text: |\n  kind: Pipeline\n": false,
		"kind: Deployment\n":          false,
		"apiVersion: v1\nkind: Pod\n": false,
		"\x00\xff\xfe\x00kind":        false,
		"kind: Policy\napiVersion: kyverno.io/v1\n":             false,
		"apiVersion: traefik.io/v1alpha1\nkind: Middleware\n":   false,
		"apiVersion: batch/v1\nkind: Job\n---\nkind: Secret\n":  false,
		"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n":    false,
		"apiVersion: v1\nkind: ConfigMap\ndata: {kind: Config}": false,
	} {
		if got := IsManifest([]byte(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// TestIgnoreRulesAreGits compares with git itself.
func TestIgnoreRulesAreGits(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	files := map[string]string{
		".gitignore": strings.Join([]string{
			"# comment", "", "*.tmp.yaml", "/top.yaml", "build/", "docs/*.yaml", "!docs/keep.yaml",
			"**/deep/x.yaml", "a/**/z.yaml", "gen/**", `\#hash.yaml`, `\!bang.yaml`, "trailing.yaml   ", `space\ .yaml`,
			"q?.yaml", "r[0-2].yaml", "s[!0-2].yaml", "t**u.yaml", "[bad.yaml", "name-only", "x/y/", "!", "/", "n/**/", "\\",
			"crlf.yaml\r", "abc/**/**/k.yaml", "  lead.yaml", "v\\*.yaml",
		}, "\n"),
		"sub/.gitignore":       "!special.tmp.yaml\n/local.yaml\nonly/here.yaml\n*.x.yaml\n",
		"sub/inner/.gitignore": "!b.x.yaml\n",
		"reinclude/.gitignore": "*\n!*/\n!ok.yaml\n",
		"name-only/x.yaml":     "",
		"z/name-only":          "",
		"z/name-only.yaml":     "",
		"reinclude/p/ok.yaml":  "",
		"reinclude/p/bad.yaml": "",
		"abc/k.yaml":           "",
		"abc/d/e/k.yaml":       "",
		"abck.yaml":            "",
		"n/m/l.yaml":           "",
		"n/l.yaml":             "",
		"sub/special.tmp.yaml": "",
		"sub/other.tmp.yaml":   "",
		"sub/local.yaml":       "",
		"sub/d/local.yaml":     "",
		"sub/only/here.yaml":   "",
		"sub/d/only/here.yaml": "",
		"sub/inner/a.x.yaml":   "",
		"sub/inner/b.x.yaml":   "",
		"local.yaml":           "",
		"top.yaml":             "",
		"d/top.yaml":           "",
		"build/a.yaml":         "",
		"d/build/b.yaml":       "",
		"c/build":              "",
		"docs/a.yaml":          "",
		"docs/keep.yaml":       "",
		"docs/d/a.yaml":        "",
		"d/docs/a.yaml":        "",
		"deep/x.yaml":          "",
		"d/e/deep/x.yaml":      "",
		"a/z.yaml":             "",
		"a/b/c/z.yaml":         "",
		"b/a/z.yaml":           "",
		"gen/a.yaml":           "",
		"gen/b/c.yaml":         "",
		"#hash.yaml":           "",
		"!bang.yaml":           "",
		"trailing.yaml":        "",
		"space .yaml":          "",
		"q1.yaml":              "",
		"q12.yaml":             "",
		"r1.yaml":              "",
		"r5.yaml":              "",
		"s1.yaml":              "",
		"s5.yaml":              "",
		"txxu.yaml":            "",
		"t/u.yaml":             "",
		"[bad.yaml":            "",
		"x/y/1.yaml":           "",
		"d/x/y/1.yaml":         "",
		"crlf.yaml":            "",
		"lead.yaml":            "",
		"  lead.yaml":          "",
		"v*.yaml":              "",
		"vx.yaml":              "",
		"plain.yaml":           "",
	}
	for path := range files {
		if strings.HasSuffix(path, ".yaml") {
			files[path] = manifest
		}
	}
	root := tree(t, files)
	run := func(args ...string) string {
		cmd := exec.Command(git, append([]string{"-C", root, "-c", "core.excludesFile="}, args...)...)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
	run("init", "-q")
	var want []string
	for line := range strings.SplitSeq(run("ls-files", "-z", "--others", "--exclude-standard"), "\x00") {
		if strings.HasSuffix(line, ".yaml") {
			want = append(want, line)
		}
	}
	slices.Sort(want)
	if d := cmp.Diff(want, found(t, root)); d != "" {
		t.Errorf("-git +ours\n%s", d)
	}
	// A folder inside obeys the files above it.
	var inside []string
	for _, p := range want {
		if rest, ok := strings.CutPrefix(p, "sub/"); ok {
			inside = append(inside, rest)
		}
	}
	if d := cmp.Diff(inside, found(t, filepath.Join(root, "sub"))); d != "" {
		t.Errorf("below sub: -git +ours\n%s", d)
	}
}
