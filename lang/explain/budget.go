package explain

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/check"
	"hexdag.dev/hexdag/lang/compile"
	"hexdag.dev/hexdag/lang/price"
)

// BudgetAnswer is what a program uses at least and at most.
type BudgetAnswer struct {
	Name  string       `json:"name"`
	Nodes []BudgetNode `json:"nodes"`
	Total BudgetUse    `json:"total"`
	// Limits are the effective limits with their provenance.
	Limits []*Value `json:"limits"`
	// Prices is the month of the built-in price table.
	Prices string `json:"price_table"`
}

// BudgetNode is one node that can call something.
type BudgetNode struct {
	Node    string `json:"node"` // its path
	Kind    string `json:"kind"`
	At      *Place `json:"at"`
	Model   string `json:"model,omitempty"`
	Adapter string `json:"adapter,omitempty"`
	// Attempts are those of the node itself, counted in its use.
	Attempts int64 `json:"attempts"`
	BudgetUse
	// PromptTokens is the length of the prompt's own text by a rule of thumb.
	PromptTokens int64 `json:"prompt_tokens_estimate,omitempty"`
	// Prices of the model in dollars for a million tokens; null if none is known.
	Input  *float64 `json:"input_price"`
	Output *float64 `json:"output_price"`
}

// BudgetUse is least and most of what is used.
type BudgetUse struct {
	LLM    Range  `json:"llm_calls"`
	Tools  Range  `json:"tool_calls"`
	Tokens Range  `json:"tokens"`
	Cost   RangeF `json:"cost_usd"`
}

// Range is a number of calls or tokens; Max is nil where no bound is known.
type Range struct {
	Min int64  `json:"min"`
	Max *int64 `json:"max"`
}

// RangeF is a range of dollars.
type RangeF struct {
	Min float64  `json:"min"`
	Max *float64 `json:"max"`
}

func rangeOf(i check.Interval) Range {
	r := Range{Min: i.Min}
	if i.Max < check.Unbounded {
		r.Max = &i.Max
	}
	return r
}

func dollarsOf(i check.Interval) RangeF {
	r := RangeF{Min: float64(i.Min) / 1e6}
	if i.Max < check.Unbounded {
		most := float64(i.Max) / 1e6
		r.Max = &most
	}
	return r
}

func useOf(u check.Usage) BudgetUse {
	return BudgetUse{rangeOf(u.LLM), rangeOf(u.Tools), rangeOf(u.Tokens), dollarsOf(u.Cost)}
}

// String is `3`, `1 to 9` or `1 or more`.
func (r Range) String() string {
	switch {
	case r.Max == nil:
		return fmt.Sprintf("%d or more", r.Min)
	case *r.Max == r.Min:
		return fmt.Sprint(r.Min)
	}
	return fmt.Sprintf("%d to %d", r.Min, *r.Max)
}

// String is the range in dollars.
func (r RangeF) String() string {
	switch {
	case r.Max == nil:
		return "not bounded"
	case *r.Max == 0:
		return "free"
	}
	return fmt.Sprintf("up to $%.4f", *r.Max)
}

// Budget is the worst case of a file's program.
func Budget(w *compile.Workspace, name string, args []string) (Answer, error) {
	if len(args) != 1 {
		return nil, errors.New("the budget is that of one file's program")
	}
	c, err := w.CheckProgram(args[0], name)
	if err != nil {
		return nil, err
	}
	if c.Program == nil {
		return nil, &NoProgramError{args[0], c.Diags}
	}
	b := &BudgetAnswer{Name: c.Doc.Name.Name, Nodes: []BudgetNode{}, Total: useOf(c.Program.Use), Limits: []*Value{}, Prices: price.Version()}
	if c.Processes == nil {
		b.nodes("", check.NodeUses(c.Program))
	}
	for i := range c.Processes {
		p := &c.Processes[i]
		b.Nodes = append(b.Nodes, BudgetNode{Node: p.Name, Kind: ast.ProcessNode, At: place(c.Program.Scope.Nodes[i].Node.Loc), Attempts: 1, BudgetUse: useOf(p.Use)})
		b.nodes(p.Name+"/", p.Nodes)
	}
	for _, name := range limitNames {
		if v, err := EffectiveValue(c.Effective, "limits."+name); err == nil && v.Text != "not limited" {
			b.Limits = append(b.Limits, v)
		}
	}
	for i := range c.Processes {
		p := &c.Processes[i]
		for _, name := range limitNames {
			v, err := EffectiveValue(p.Effective, "limits."+name)
			if err == nil && v.Text != "not limited" && p.Program != nil && ownLayer[v.From[0].Layer] {
				v.Path = "processes." + p.Name + "." + strings.TrimPrefix(v.Path, "spec.")
				b.Limits = append(b.Limits, v)
			}
		}
	}
	return b, nil
}

// ownLayer are the layers that speak about one process alone.
var ownLayer = map[string]bool{"process": true, "pipeline": true}

// nodes adds nodes, their paths behind a prefix.
func (b *BudgetAnswer) nodes(prefix string, list []check.NodeUse) {
	for _, use := range list {
		info := use.Info
		n := BudgetNode{Node: prefix + info.ID(), Kind: info.Node.Kind, At: place(info.Node.Loc), Attempts: info.Exec.Attempts, BudgetUse: useOf(use.Use)}
		if n.Kind == "" {
			n.Kind = info.Node.KindText.Name
		}
		if m := use.Model; m != nil {
			n.Model, n.Adapter, n.PromptTokens = m.Name, m.Adapter, m.Prompt
			if m.Priced && !m.Free {
				in, out := float64(m.Price.Input)/1e6, float64(m.Price.Output)/1e6
				n.Input, n.Output = &in, &out
			}
			if m.Free {
				none := 0.0
				n.Input, n.Output = &none, &none
			}
		}
		b.Nodes = append(b.Nodes, n)
	}
}

// String renders b as a table.
func (b *BudgetAnswer) String() string {
	rows := [][]string{{"node", "model", "LLM calls", "tool calls", "tokens", "cost"}}
	for _, n := range b.Nodes {
		model := n.Model
		switch {
		case model == "" && n.Adapter != "":
			model = n.Adapter
		case model == "" && (n.Kind == "composite_node" || n.Kind == ast.ProcessNode):
			model = ""
		case model == "" && n.LLM.Max != nil && *n.LLM.Max == 0:
		case model == "":
			model = "?"
		case n.Input == nil:
			model += " (no price)"
		}
		rows = append(rows, []string{n.Node, model, n.LLM.String(), n.Tools.String(), n.Tokens.String(), n.costText()})
	}
	rows = append(rows, []string{"in all", "", b.Total.LLM.String(), b.Total.Tools.String(), b.Total.Tokens.String(), b.Total.costText()})
	var out strings.Builder
	width := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for i, r := range rows {
		var line strings.Builder
		for k, cell := range r {
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", width[k]-utf8.RuneCountInString(cell)+2))
		}
		if i == len(rows)-1 {
			out.WriteByte('\n')
		}
		out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	out.WriteString("\nlimits\n")
	if len(b.Limits) == 0 {
		out.WriteString("  none\n")
	}
	for _, v := range b.Limits {
		from := v.From[0].Layer
		if v.From[0].At != nil {
			from += " " + v.From[0].At.String()
		}
		fmt.Fprintf(&out, "  %-34s %-14s %s\n", v.Path, v.Text, from)
	}
	fmt.Fprintf(&out, "\nEvery attempt, repair and step counts at its bound; tokens and cost are bounded\nwhere the prompt is constant and the answer has a max_tokens. Prices: %s and\n`prices` of the configuration, in dollars.\n", b.Prices)
	return out.String()
}

func (u *BudgetUse) costText() string {
	if u.LLM.Max != nil && *u.LLM.Max == 0 {
		return ""
	}
	return u.Cost.String()
}
