package runtime_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/port"
)

// newShouter makes the adapter from a port's configuration.
func newShouter(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	s := shouter{mark: c.Text("mark")}
	if s.mark == "" {
		s.mark = "!"
	}
	return s, c.Err() // also about settings that nobody read
}

// shouter is a language model that repeats the last message loudly.
type shouter struct{ mark string }

// Class tells what a call does to the world.
func (shouter) Class() port.Class { return port.Read }

// Generate makes one request.
func (s shouter) Generate(ctx context.Context, req *port.LLMRequest) (*port.LLMResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text := req.Messages[len(req.Messages)-1].Texts()
	if text == "" {
		return nil, port.Errorf(port.ClassInvalidInput, "there is nothing to shout")
	}
	return &port.LLMResponse{
		Text: strings.ToUpper(text) + s.mark, Model: "shouter-1", FinishReason: "stop",
		Usage: port.Usage{Known: true, InputTokens: int64(len(text)), OutputTokens: int64(len(text))},
	}, nil
}

// Example_adapter registers an adapter and runs a program that names it.
func Example_adapter() {
	registry := runtime.Builtin()
	registry.AddAdapter("shouter", newShouter)
	runner, err := runtime.New(runtime.Options{Registry: registry})
	if err != nil {
		panic(err)
	}
	program, err := runtime.LoadIR(irtest.New("loud").
		Port("llm", "shouter", irtest.Object("mark", "!!")).
		LLM("ask", "hello").Output("answer", "ask").Program())
	if err != nil {
		panic(err)
	}
	result, err := runner.Run(context.Background(), program, value.Null)
	if err != nil {
		panic(err)
	}
	fmt.Println(value.Str(result.Output))
	// Output: {'answer': 'HELLO!!'}
}

// TestTheGuideShowsThisFile holds docs/adapters.md to the code above.
func TestTheGuideShowsThisFile(t *testing.T) {
	source, err := os.ReadFile("example_adapter_test.go")
	if err != nil {
		t.Fatal(err)
	}
	guide, err := os.ReadFile("../docs/adapters.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "// newShouter makes")
	code, _, _ = strings.Cut(code, "\n// Example_adapter")
	if !strings.Contains(string(guide), strings.TrimSpace("// newShouter makes"+code)) {
		t.Error("docs/adapters.md shows another example than runtime/example_adapter_test.go")
	}
}
