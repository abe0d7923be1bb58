package shape

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/syntax"
)

// drift warns of plain scalars in n that YAML 1.1 reads as another value than
// YAML 1.2 does. Aliases inside n are not followed: what they mean stands
// elsewhere and is looked at there.
func (c *checker) drift(n *syntax.Node) {
	if n == nil || n.Broken || c.mute > 0 {
		return
	}
	switch n.Kind {
	case syntax.Mapping:
		for i := range n.Pairs {
			c.drift(n.Pairs[i].Value)
		}
	case syntax.Sequence:
		for _, item := range n.Items {
			c.drift(item)
		}
	case syntax.Scalar:
		if n.Style == syntax.Plain && n.Tag == "" && n.Built == syntax.Written {
			c.driftScalar(n)
		}
	}
}

func (c *checker) driftScalar(n *syntax.Node) {
	old := yaml11(n.Value)
	if old == "" {
		return
	}
	now := "the text " + strconv.Quote(n.Value)
	quote := syntax.Quote(n.Value)
	r := n.Resolve()
	d := diag.New(diag.YAMLDrift, c.at(n), "`%s` is %s in YAML 1.1", n.Value, old)
	if r.Kind == syntax.String {
		d.Message += " and " + now + " here"
		c.report(d.WithHelp("quote it: %s", quote).WithFix("quote it", true, c.replace(n, quote)))
		return
	}
	number := strings.TrimLeft(strings.TrimPrefix(n.Value, "+"), "0")
	if r.Kind == syntax.Int && r.Big == nil {
		number = strconv.FormatInt(r.Int, 10)
	} else if x, ok := number64(r); ok {
		number = strconv.FormatFloat(x, 'f', -1, 64)
	}
	d.Message += " and the number " + number + " here"
	c.report(d.WithHelp("write %s if it is a number, or quote it: %s", number, quote).
		WithFix("write "+number, true, c.replace(n, number)).WithFix("quote it", false, c.replace(n, quote)))
}

func number64(r syntax.Resolved) (float64, bool) {
	if r.Kind != syntax.Float {
		return 0, false
	}
	return r.Float, true
}

var (
	octal11       = pattern(`^[-+]?0[0-7_]+$`)
	binary11      = pattern(`^[-+]?0b[0-1_]+$`)
	decimal11     = pattern(`^[-+]?[1-9][0-9_]*$`)
	hex11         = pattern(`^[-+]?0x[0-9a-fA-F_]+$`)
	float11       = pattern(`^[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?)$`)
	sexagesimal11 = pattern(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
	timestamp11   = pattern(`^[0-9]{4}-([0-9]{2}-[0-9]{2}|[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?)$`)
)

// pattern is a test for a regular expression that is compiled when it is first
// used.
func pattern(expr string) func(string) bool {
	re := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
	return func(s string) bool { return re().MatchString(s) }
}

// yaml11 is what YAML 1.1 makes of a plain scalar, if that is another value than
// the one of YAML 1.2; else "".
func yaml11(s string) string {
	if s == "" {
		return ""
	}
	if v, ok := yamlBools[s]; ok {
		return "the truth value `" + strconv.FormatBool(v) + "`"
	}
	first := s[0]
	if first != '-' && first != '+' && first != '.' && (first < '0' || first > '9') {
		return ""
	}
	r := (&syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: s}).Resolve()
	isNumber := r.Kind == syntax.Int || r.Kind == syntax.Float
	underscore := strings.Contains(s, "_")
	switch {
	case octal11(s):
		if strings.Trim(s, "+-0_") == "" && !underscore {
			return "" // zero either way
		}
		v, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 8, 64)
		if err != nil {
			return "an octal number"
		}
		return "the number " + strconv.FormatInt(v, 10)
	case binary11(s), decimal11(s), hex11(s):
		if isNumber {
			return ""
		}
		return "a number"
	case float11(s):
		if isNumber && !underscore {
			return ""
		}
		return "a number"
	case sexagesimal11(s):
		return "a number in base 60"
	case timestamp11(s):
		return "a date"
	case isNumber && r.Kind == syntax.Float && (strings.HasSuffix(strings.ToLower(s), ".inf") || strings.ToLower(s) == ".nan"):
		return ""
	case isNumber && s != "0":
		if (&syntax.Node{Kind: syntax.Scalar, Style: syntax.Plain, Value: s}).Resolve().Kind == syntax.Int && !strings.HasPrefix(strings.TrimLeft(s, "+-"), "0") {
			return ""
		}
		if s == "-0" || s == "+0" {
			return ""
		}
		return "a text" // 1e3, 1.5e3, 08, 0o17
	}
	return ""
}
