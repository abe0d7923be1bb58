package mcp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

const asServer = "HEXDAG_TEST_AS_MCP"

// TestMain is the server too: a real one, in a process of its own.
func TestMain(m *testing.M) {
	switch os.Getenv(asServer) {
	case "serve":
		if err := server().Run(context.Background(), &sdk.StdioTransport{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(0)
	case "die":
		fmt.Fprintln(os.Stderr, "no licence")
		os.Exit(5)
	}
	goleak.VerifyTestMain(m)
}

type search struct {
	Q string `json:"q"`
}

type found struct {
	Hits []string `json:"hits"`
}

func server() *sdk.Server {
	s := sdk.NewServer(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	sdk.AddTool(s, &sdk.Tool{Name: "search", Description: "finds pages"}, func(_ context.Context, _ *sdk.CallToolRequest, in search) (*sdk.CallToolResult, found, error) {
		return nil, found{[]string{in.Q, "b"}}, nil
	})
	text := func(name string, do func(ctx context.Context) (string, error)) {
		sdk.AddTool(s, &sdk.Tool{Name: name}, func(ctx context.Context, _ *sdk.CallToolRequest, _ search) (*sdk.CallToolResult, any, error) {
			out, err := do(ctx)
			return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: out}}}, nil, err
		})
	}
	text("text", func(context.Context) (string, error) { return "plain words", nil })
	text("json", func(context.Context) (string, error) { return `{"z":1,"a":2}`, nil })
	text("fail", func(context.Context) (string, error) { return "", errors.New("no such page") })
	text("pid", func(context.Context) (string, error) { return fmt.Sprint(os.Getpid()), nil })
	text("env", func(context.Context) (string, error) {
		return os.Getenv("GIVEN") + "/" + os.Getenv("SOME_API_KEY"), nil
	})
	text("sleep", func(ctx context.Context) (string, error) {
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
		return "", ctx.Err()
	})
	text("die", func(context.Context) (string, error) {
		fmt.Fprintln(os.Stderr, "it hurts")
		os.Exit(6)
		return "", nil
	})
	return s
}

func router(t *testing.T, fields map[string]any) *Server {
	t.Helper()
	v, err := value.FromGo(fields)
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), port.Spec{Port: "mcp/wiki", Type: "tool_router", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	s := a.(*Server)
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

func local(t *testing.T) *Server {
	t.Setenv("SOME_API_KEY", "canary")
	return router(t, map[string]any{"command": os.Args[0], "args": []any{"-test.run=^$"}, "env": map[string]any{asServer: "serve", "GIVEN": "yes"}})
}

func args(t *testing.T) value.Value {
	t.Helper()
	o := value.NewObject(1)
	o.Set("q", value.String("go"))
	return o.Value()
}

func TestBothTransports(t *testing.T) {
	var auth string
	handler := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server() }, nil)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth = r.Header.Get("Authorization")
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close) // after the adapter has ended its session
	for name, s := range map[string]*Server{
		"a program": local(t), "an address": router(t, map[string]any{"url": web.URL, "headers": map[string]any{"Authorization": "Bearer sk-canary"}}),
	} {
		t.Run(name, func(t *testing.T) {
			tools, err := s.Tools(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, tool := range tools {
				if tool.Name == "search" {
					schema, _ := value.AppendJSON(nil, tool.Parameters)
					found = tool.Description == "finds pages" && strings.Contains(string(schema), `"q"`)
				}
			}
			if !found {
				t.Errorf("the tools are %+v", tools)
			}
			for tool, want := range map[string]string{"search": `{"hits":["go","b"]}`, "text": `"plain words"`, "json": `{"z":1,"a":2}`} {
				v, err := s.CallTool(t.Context(), port.Call{}, tool, args(t))
				if err != nil {
					t.Fatal(err)
				}
				if got, _ := value.AppendJSON(nil, v); string(got) != want {
					t.Errorf("%s gives %s", tool, got)
				}
			}
			_, err = s.CallTool(t.Context(), port.Call{}, "fail", args(t))
			if e := port.AsError(err); e == nil || e.Class != port.ClassFunction || !strings.Contains(e.Message, "no such page") {
				t.Errorf("a tool that fails gives %+v", e)
			}
			_, err = s.CallTool(t.Context(), port.Call{}, "nothing", args(t))
			if e := port.AsError(err); e == nil || e.Class != port.ClassInvalidInput || !e.Definite {
				t.Errorf("a tool that is not there gives %+v", e)
			}
			if _, err := port.ToolFunction(s, "text").Call(t.Context(), port.Call{}, value.Int(1)); port.AsError(err).Class != port.ClassInvalidInput {
				t.Errorf("a number as arguments gives %v", err)
			}
		})
	}
	if auth != "Bearer sk-canary" {
		t.Errorf("the header is %q", auth)
	}
}

func TestVariables(t *testing.T) {
	v, err := local(t).CallTool(t.Context(), port.Call{}, "env", args(t))
	if err != nil || value.Str(v) != "yes/" {
		t.Errorf("the server sees %v, %v", value.Repr(v), err)
	}
}

func TestAServerThatEnds(t *testing.T) {
	s := local(t)
	first, err := s.CallTool(t.Context(), port.Call{}, "pid", args(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CallTool(t.Context(), port.Call{}, "die", args(t))
	if e := port.AsError(err); e == nil || e.Class != port.ClassNetwork || !e.Retryable || e.Definite || !strings.Contains(e.Message, "exit status 6: it hurts") {
		t.Errorf("got %+v", e)
	}
	// The next calls find another one, the same for all.
	var mu sync.Mutex
	pids := map[string]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			v, err := s.CallTool(context.Background(), port.Call{}, "pid", args(t))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			pids[value.Str(v)] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(pids) != 1 || pids[value.Str(first)] {
		t.Errorf("the servers were %v after %v", pids, value.Str(first))
	}
}

func TestACallThatTakesTooLong(t *testing.T) {
	s := local(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := s.Tools(ctx); err != nil {
		t.Fatal(err)
	}
	short, stop := context.WithTimeout(ctx, 100*time.Millisecond)
	defer stop()
	_, err := s.CallTool(short, port.Call{}, "sleep", args(t))
	if e := port.AsError(err); e == nil || e.Class != port.ClassTimeout || !e.Retryable {
		t.Errorf("got %+v", e)
	}
	if _, err := s.CallTool(ctx, port.Call{}, "text", args(t)); err != nil {
		t.Errorf("the next call gives %v", err)
	}
}

func TestWhatIsNoServer(t *testing.T) {
	s := router(t, map[string]any{"command": os.Args[0], "args": []any{"-test.run=^$"}, "env": map[string]any{asServer: "die"}})
	_, err := s.Tools(t.Context())
	if e := port.AsError(err); e == nil || !e.Definite || !strings.Contains(e.Message, "no licence") {
		t.Errorf("got %+v", e)
	}
	s = router(t, map[string]any{"command": "no-such-program-here"})
	if _, err := s.Tools(t.Context()); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("got %v", err)
	}
	s = router(t, map[string]any{"url": "http://127.0.0.1:1/mcp"})
	_, err = s.Tools(t.Context())
	if e := port.AsError(err); e == nil || e.Class != port.ClassNetwork || !e.Retryable {
		t.Errorf("got %+v", e)
	}
	v, _ := value.FromGo(map[string]any{"command": "x", "url": "http://x", "colour": 1})
	_, err = New(t.Context(), port.Spec{Port: "p", Config: v})
	if err == nil || !strings.Contains(err.Error(), `"colour" is not a setting`) || !strings.Contains(err.Error(), "either") {
		t.Errorf("got %v", err)
	}
}
