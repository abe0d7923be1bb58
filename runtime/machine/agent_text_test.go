package machine

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/lang/value"
)

func TestTextProtocol(t *testing.T) {
	for _, c := range []struct{ name, style, text, want string }{
		{"no call", "", "I am done.", ``},
		{"a call", "", "Thought.\nINVOKE_TOOL: search(query='a b', n=3)\nmore", `search {"query":"a b","n":3}`},
		{"quoted numbers are text", "", `INVOKE_TOOL: f(a='42', b="7")`, `f {"a":"42","b":"7"}`},
		{"maps and lists", "", `INVOKE_TOOL: f(m={'k': [1, 'two', None], "t": True}, l=[1, 2], x=1.5)`, `f {"m":{"k":[1,"two",null],"t":true},"l":[1,2],"x":1.5}`},
		{"parentheses and commas in text", "", `INVOKE_TOOL: f(a='x (y, z)', b=2) and so on`, `f {"a":"x (y, z)","b":2}`},
		{"escapes", "", `INVOKE_TOOL: f(a='it\'s\nok')`, `f {"a":"it's\nok"}`},
		{"bare text", "", `INVOKE_TOOL: f(a=Graz, b=it's fine)`, `f {"a":"Graz","b":"it's fine"}`},
		{"names with a namespace", "", `INVOKE_TOOL: core:db.query(q='x')`, `core:db.query {"q":"x"}`},
		{"JSON", "", `INVOKE_TOOL: {"tool": "f", "params": {"a": {"b": {"c": 1}}}}`, `f {"a":{"b":{"c":1}}}`},
		{"JSON with a comma too many", "", `INVOKE_TOOL: {"tool": "f", "params": {"a": 1,},}`, `f {"a":1}`},
		{"JSON without parameters", "", `INVOKE_TOOL: {"tool": "f"}`, `f {}`},
		{"two calls", "", "INVOKE_TOOL: a(x=1)\nINVOKE_TOOL: {\"tool\": \"b\", \"params\": {}}", "a {\"x\":1}; b {}"},
		{"cut off", "", `INVOKE_TOOL: f(a='never clos`, `f {"a":"'never clos"}`},
		{"no name", "", `INVOKE_TOOL: (a=1) INVOKE_TOOL: {"params": {}} INVOKE_TOOL:`, ``},
		{"only functions", "function_call", `INVOKE_TOOL: {"tool": "f"} INVOKE_TOOL: g()`, `g {}`},
		{"only JSON", "json", `INVOKE_TOOL: g(a=1) INVOKE_TOOL: {"tool": "f"}`, `f {}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, x := range textTurn(c.text, 0, c.style).calls {
				b, err := value.AppendJSON(nil, x.args)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, x.name+" "+string(b))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

// TestTextProtocolIsBounded reads answers that are made to take long.
func TestTextProtocolIsBounded(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("INVOKE_TOOL: {", 100_000), strings.Repeat("INVOKE_TOOL: f(", 100_000),
		"INVOKE_TOOL: f(" + strings.Repeat("a=[", 200_000), "INVOKE_TOOL: f(" + strings.Repeat("(", 1_000_000),
		strings.Repeat("INVOKE_TOOL: f(a='", 50_000), "INVOKE_TOOL: f(a=" + strings.Repeat("'", 500_001),
	} {
		if n := len(textTurn(text, 0, "mixed").calls); n > maxCalls {
			t.Errorf("%d calls", n)
		}
	}
}

func FuzzTextProtocol(f *testing.F) {
	f.Add("INVOKE_TOOL: f(a='x', b={'c': [1]})")
	f.Add(`INVOKE_TOOL: {"tool": "f", "params": {"a": 1}}`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, style := range []string{"mixed", "json", "function_call"} {
			for _, c := range textTurn(text, 1, style).calls {
				if _, ok := c.args.Object(); !ok || c.name == "" {
					t.Errorf("%q gives a call without name or arguments", text)
				}
			}
		}
	})
}
