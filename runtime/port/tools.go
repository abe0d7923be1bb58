package port

import (
	"context"

	"hexdag.dev/hexdag/lang/value"
)

// ToolRouter offers tools by name: the port tool_router, and each MCP server.
type ToolRouter interface {
	Adapter
	// Tools are what it offers, in a stable order.
	Tools(ctx context.Context) ([]Tool, error)
	// CallTool calls one. args is an object. A tool that reports an error is an
	// error of ClassFunction; a name that it does not have one of
	// ClassInvalidInput. It is called concurrently.
	CallTool(ctx context.Context, call Call, name string, args value.Value) (value.Value, error)
}

// ToolFunction is the tool called name of a router as a Function, which an object
// as its input calls.
func ToolFunction(r ToolRouter, name string) Function { return toolFunction{r, name} }

type toolFunction struct {
	router ToolRouter
	name   string
}

func (f toolFunction) Class() Class { return f.router.Class() }

func (f toolFunction) Call(ctx context.Context, call Call, input value.Value) (value.Value, error) {
	if _, ok := input.Object(); !ok {
		if !input.IsNull() && !input.IsMissing() {
			return value.Null, Errorf(ClassInvalidInput, "the tool %q takes an object, and its input is a %s", f.name, input.TypeName())
		}
		input = value.NewObject(0).Value()
	}
	return f.router.CallTool(ctx, call, f.name, input)
}
