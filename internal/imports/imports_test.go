package imports

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "hexdag.dev/hexdag/"

// sdks are the libraries of providers, with what they bring along.
var sdks = []string{"github.com/openai/openai-go", "github.com/anthropics/anthropic-sdk-go", "github.com/ollama/ollama", "github.com/modelcontextprotocol/go-sdk", "go.yaml.in/yaml", "gopkg.in/yaml"}

// outboard are the packages that may link an SDK.
var outboard = map[string]bool{
	"runtime/adapter/anthropic": true, "runtime/adapter/ollama": true, "runtime/adapter/openai": true,
	"runtime/adapter/mcp": true, "runtime/adapter/providers": true,
}

// forbidden says, for a package and those below it, what it must not depend on,
// not even over others.
var forbidden = []struct {
	pkg  string
	deps []string
	why  string
}{
	{"runtime", []string{"github.com/goccy/go-yaml", "cuelang.org/go", module + "lang/syntax", module + "lang/ast", module + "lang/shape", module + "lang/check", module + "lang/compile", module + "schema"}, "the kernel knows only the IR"},
	{"runtime", sdks, "a provider's SDK costs each start milliseconds; only its adapter, and programs that name it, link it"},
	{"cmd/hexc", []string{"net/http"}, "its initialisation costs each start; what needs it is in hexc-adapters"},
	{"cmd/hexc", sdks, "a provider's SDK costs each start milliseconds; hexc-adapters has them"},
	{"runtime/machine", []string{"net", "net/http", "os/exec", "database/sql", module + "runtime/engine", module + "runtime/journal", module + "runtime/port"}, "the machine does no I/O"},
	{"lang", []string{module + "runtime"}, "nothing in the language runs a pipeline"},
	{"lang", []string{"cuelang.org/go"}, "linking CUE costs every process 19 ms"},
	{"cmd/hexc", []string{"cuelang.org/go"}, "linking CUE costs every process 19 ms"},
	{"schema", []string{module + "lang", "cuelang.org/go"}, "the table is plain data"},
	{"lang/source", []string{module + "lang/diag"}, "phases import what is before them"},
	{"lang/syntax", []string{module + "lang/ast", module + "lang/shape", module + "lang/expr", module + "lang/check"}, "phases import what is before them"},
	{"lang/value", []string{module + "lang/expr", module + "lang/diag"}, "phases import what is before them"},
	{"lang/expr", []string{module + "lang/syntax", module + "lang/ast", module + "lang/check", module + "lang/ir"}, "phases import what is before them"},
	{"lang/ast", []string{module + "lang/config", module + "lang/check", module + "lang/lower", module + "lang/ir"}, "phases import what is before them"},
	{"lang/config", []string{module + "lang/check", module + "lang/lower", module + "lang/ir"}, "phases import what is before them"},
	{"lang/check", []string{module + "lang/lower", module + "lang/ir", module + "lang/compile"}, "phases import what is before them"},
	{"lang/ir", []string{module + "lang/syntax", module + "lang/ast", module + "lang/check", module + "lang/lower"}, "the runtime imports it"},
	{"lang/lower", []string{module + "lang/compile"}, "phases import what is before them"},
}

// TestImportGraph holds the packages to the direction of the phases. Tests may
// import what they like.
func TestImportGraph(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Fields(line)
		pkg := strings.TrimPrefix(fields[0], module)
		for _, rule := range forbidden {
			if !within(pkg, rule.pkg) {
				continue
			}
			seen[rule.pkg] = true
			if outboard[pkg] && rule.deps[0] == sdks[0] {
				continue
			}
			for _, dep := range fields[1:] {
				for _, bad := range rule.deps {
					if within(dep, bad) {
						t.Errorf("%s depends on %s: %s", pkg, dep, rule.why)
					}
				}
			}
		}
	}
	for _, rule := range forbidden {
		if !seen[rule.pkg] {
			t.Errorf("there is no package %s: the rule about it checks nothing", rule.pkg)
		}
	}
}

func within(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

// TestFront holds the front program, which most invocations start, to what its
// commands need.
func TestFront(t *testing.T) {
	out, err := exec.Command("go", "list", "-tags", "front", "-deps", module+"cmd/hexc").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, dep := range strings.Fields(string(out)) {
		for _, heavy := range []string{module + "runtime", module + "lang/lsp", module + "lang/ide", "go.starlark.net/starlark", "modernc.org", "database/sql", "net/http", "github.com/tliron"} {
			if dep == heavy || strings.HasPrefix(dep, heavy+"/") && heavy != "database/sql" {
				t.Errorf("the front program links %s: its start costs every `hexc check`; give the file that needs it the build constraint !front", dep)
			}
		}
	}
}
