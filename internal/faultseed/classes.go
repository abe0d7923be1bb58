package faultseed

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
)

// Class is one sort of fault.
type Class struct {
	Name string
	// Codes are those that a finding about it may have. One that ends in `*`
	// stands for all that begin so.
	Codes []string
	// Elsewhere says that the fault is in how several places go together: a
	// related place of the finding may be the planted one.
	Elsewhere bool
	// Info says that the finding may be an info: a System can supply what is
	// missing.
	Info bool

	plant func(*planter)
}

func (c *Class) has(code diag.Code) bool {
	for _, want := range c.Codes {
		if prefix, all := strings.CutSuffix(want, "*"); string(code) == want || all && strings.HasPrefix(string(code), prefix) {
			return true
		}
	}
	return false
}

// Classes is every sort of fault, from the text to the meaning.
var Classes = []Class{
	{Name: "tab instead of indentation", Codes: []string{"HX0103"}, plant: (*planter).tab},
	{Name: "indented too far", Codes: []string{"HX01*"}, plant: (*planter).indent},
	{Name: "unclosed quote", Codes: []string{"HX01*"}, plant: (*planter).unclosedQuote},
	{Name: "unclosed bracket", Codes: []string{"HX0105", "HX0107"}, plant: (*planter).unclosedBracket},
	{Name: "missing colon", Codes: []string{"HX01*", "HX0203", "HX0503", "HX0509"}, plant: (*planter).missingColon},
	{Name: "no space behind the colon", Codes: []string{"HX0108", "HX0115", "HX0203", "HX0503", "HX0509"}, plant: (*planter).missingSpace},
	{Name: "duplicate key", Codes: []string{"HX0111"}, plant: (*planter).duplicateKey},
	{Name: "unknown alias", Codes: []string{"HX0112"}, plant: (*planter).unknownAlias},
	{Name: "bad escape", Codes: []string{"HX0113"}, plant: (*planter).badEscape},
	{Name: "unknown include file", Codes: []string{"HX0130"}, plant: (*planter).includeFile},

	{Name: "misspelt key", Codes: []string{"HX0201", "HX0222"}, plant: (*planter).key},
	{Name: "wrong type", Codes: []string{"HX0203", "HX0204", "HX0206", "HX0219"}, plant: (*planter).wrongType},
	{Name: "missing required field", Codes: []string{"HX0202", "HX0208", "HX0210"}, plant: (*planter).missing},
	{Name: "unknown choice", Codes: []string{"HX0204"}, plant: (*planter).choice},
	{Name: "out of range", Codes: []string{"HX0205", "HX0203", "HX0206"}, plant: (*planter).outOfRange},
	{Name: "bad duration", Codes: []string{"HX0206"}, plant: (*planter).duration},
	{Name: "field at the wrong level", Codes: []string{"HX0213", "HX0201"}, plant: (*planter).nesting},
	{Name: "misspelt manifest kind", Codes: []string{"HX0209", "HX0221"}, plant: (*planter).manifestKind},
	{Name: "misspelt node kind", Codes: []string{"HX0211"}, plant: (*planter).nodeKind},

	{Name: "unknown node", Codes: []string{"HX0301", "HX0302", "HX0303", "HX0318", "HX0528"}, plant: reference("node")},
	{Name: "unknown process", Codes: []string{"HX0701"}, plant: reference("process")},
	{Name: "unknown state", Codes: []string{"HX0325", "HX0731", "HX0732"}, Elsewhere: true, plant: reference("state")},
	{Name: "unknown macro", Codes: []string{"HX0520"}, plant: reference("macro")},
	{Name: "unknown adapter", Codes: []string{"HX0502", "HX0507"}, plant: reference("adapter")},
	{Name: "unknown policy", Codes: []string{"HX0617"}, plant: reference("policy")},
	{Name: "unknown policy type", Codes: []string{"HX0618"}, plant: reference("policykind")},
	{Name: "unknown middleware", Codes: []string{"HX0621"}, plant: reference("middleware")},
	{Name: "unknown profile", Codes: []string{"HX0612"}, plant: reference("profile")},
	{Name: "unknown entity", Codes: []string{"HX0324"}, plant: reference("entity")},
	{Name: "unknown service", Codes: []string{"HX0323"}, plant: reference("service")},
	{Name: "unknown tool", Codes: []string{"HX0326"}, plant: reference("tool")},
	{Name: "unknown type", Codes: []string{"HX0509", "HX0524", "HX0204"}, plant: (*planter).schemaType},
	{Name: "unknown pipeline file", Codes: []string{"HX0703", "HX0507"}, plant: (*planter).pipelineFile},
	{Name: "undeclared port", Codes: []string{"HX0501"}, Info: true, plant: (*planter).port},
	{Name: "unknown capability", Codes: []string{"HX0602"}, plant: (*planter).capability},
	{Name: "duplicate name", Codes: []string{"HX0305", "HX0705"}, Elsewhere: true, plant: (*planter).duplicateName},
	{Name: "reserved name", Codes: []string{"HX0306"}, plant: (*planter).reserved},
	{Name: "cycle", Codes: []string{"HX0304"}, Elsewhere: true, plant: (*planter).cycle},
	{Name: "cycle of processes", Codes: []string{"HX0702"}, Elsewhere: true, plant: (*planter).processCycle},

	{Name: "misspelt name in an expression", Codes: []string{"HX0301", "HX0311", "HX0316", "HX0528"}, plant: (*planter).head},
	{Name: "misspelt field of a known type", Codes: []string{"HX0414", "HX0308", "HX0313"}, plant: (*planter).member},
	{Name: "misspelt namespace", Codes: []string{"HX0322"}, plant: (*planter).namespace},
	{Name: "unknown function", Codes: []string{"HX0403"}, plant: (*planter).function},
	{Name: "unknown method", Codes: []string{"HX0404"}, plant: (*planter).method},
	{Name: "unknown filter", Codes: []string{"HX0411", "HX0401"}, plant: (*planter).filter},
	{Name: "wrong number of arguments", Codes: []string{"HX0408"}, plant: (*planter).arity},
	{Name: "wrong operand", Codes: []string{"HX0415", "HX0419"}, plant: (*planter).operand},
	{Name: "expression that ends early", Codes: []string{"HX0401"}, plant: (*planter).endsEarly},
	{Name: "unclosed parenthesis", Codes: []string{"HX0401"}, plant: (*planter).unclosedParenthesis},
	{Name: "unclosed template", Codes: []string{"HX0410", "HX0401"}, plant: (*planter).unclosedTemplate},

	{Name: "bad cron expression", Codes: []string{"HX0720"}, plant: (*planter).cron},
	{Name: "unknown time zone", Codes: []string{"HX0721"}, plant: (*planter).timezone},
	{Name: "unknown macro parameter", Codes: []string{"HX0521"}, plant: (*planter).macroArgument},
	{Name: "missing macro parameter", Codes: []string{"HX0522"}, plant: (*planter).macroMissing},
	{Name: "macro argument of a wrong type", Codes: []string{"HX0523"}, plant: (*planter).macroType},
	{Name: "unknown process in a mapping", Codes: []string{"HX0701", "HX0706", "HX0707", "HX0301"}, plant: (*planter).mappingSource},
	{Name: "undeclared input of a process", Codes: []string{"HX0712"}, plant: (*planter).mappingTarget},
	{Name: "pipe of a wrong type", Codes: []string{"HX0710", "HX0203"}, plant: (*planter).mappingType},
	{Name: "capability that forbids a used port", Codes: []string{"HX0601"}, Elsewhere: true, plant: (*planter).forbidden},
	{Name: "limit below the least use", Codes: []string{"HX0604"}, Elsewhere: true, plant: (*planter).limit},
}
