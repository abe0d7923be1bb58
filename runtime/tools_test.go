package runtime_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/port"
)

// toolbox is a tool router that repeats what it gets.
type toolbox struct{}

func (toolbox) Class() port.Class { return port.Read }

func (toolbox) Tools(context.Context) ([]port.Tool, error) { return []port.Tool{{Name: "repeat"}}, nil }

func (toolbox) CallTool(_ context.Context, _ port.Call, _ string, args value.Value) (value.Value, error) {
	return args, nil
}

// TestAServerOfToolsNeedsItsOwnCapability: calling a tool needs tool:SERVER/TOOL, and
// starting the server behind it needs exec.
func TestAServerOfToolsNeedsItsOwnCapability(t *testing.T) {
	made := 0
	registry := runtime.Builtin()
	registry.AddAdapter("tools", func(context.Context, port.Spec) (port.Adapter, error) {
		made++
		return toolbox{}, nil
	})
	o := runtime.Options{Registry: registry}
	build := func(caps ...string) *ir.Program {
		p := irtest.New("tools").Port(ir.MCPPort("box"), "tools", irtest.Object()).Scheme("call", "mcp", "box/repeat").Caps(caps...).Program()
		i := slices.IndexFunc(p.Ports, func(p ir.Port) bool { return p.Name == ir.MCPPort("box") })
		p.Ports[i].Type, p.Ports[i].Requires = "tool_router", []string{"exec"}
		return p
	}
	var start *runtime.StartError
	if _, err := runner(t, o).Run(t.Context(), load(t, build("http", "tool:*")), value.Null); !errors.As(err, &start) || !strings.Contains(err.Error(), `needs the capability "exec"`) || !strings.Contains(start.Problems[0].Help, "--allow exec") {
		t.Errorf("without the capability the run gives %v", err)
	}
	if _, err := runner(t, o).RunWith(t.Context(), load(t, build("exec", "tool:*")), value.Null, runtime.Overrides{Deny: []string{"exec"}}); !errors.As(err, &start) {
		t.Errorf("with the capability denied the run gives %v", err)
	}
	if made != 0 {
		t.Errorf("the server was made %d times", made)
	}
	result, err := runner(t, o).RunWith(t.Context(), load(t, build("http", "tool:*")), value.Null, runtime.Overrides{Allow: []string{"exec"}})
	if err != nil || result.Status != journal.Completed || made != 1 {
		t.Errorf("with the capability the run gives %v, %v; the server was made %d times", result, err, made)
	}
}
