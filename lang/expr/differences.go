package expr

// Difference is an expression or template whose result is not the original's:
// CPython's or Jinja's.
type Difference struct {
	Text string // the expression or template
	// Ours is the value as Python writes it or the text of the template; the kind
	// of the error, or "error" for a template's; "rejected" if it does not parse.
	Ours string
	// Theirs is likewise the value, the name of the exception, or "error".
	Theirs string
	Why    string
}

// Rejected is what Difference.Ours says of texts that are not in the language.
const Rejected = "rejected"

// Differences lists where the language departs from CPython, one example for
// each kind. Everything else in the subset has CPython's value.
func Differences() []Difference {
	return []Difference{
		{"true", "True", "NameError", "`true`, `false`, `null` and `none` are constants, as in YAML"},
		{"{'a': 1}.a", "1", "AttributeError", "fields of mappings are read with a dot"},
		{"{'a': 1}.b", "None", "AttributeError", "a field that is not there is null"},
		{"{'a': 1}['b']", "None", "KeyError", "a key that is not there is null"},
		{"[1][5]", "None", "IndexError", "an item that is not there is null"},
		{"[1]['a']", "None", "TypeError", "an item that cannot be there is null"},
		{"None.x", "None", "AttributeError", "below null everything is null"},
		{"None[0]", "None", "TypeError", "below null everything is null"},
		{"None[1:2]", "None", "TypeError", "below null everything is null"},
		{"None.upper()", "None", "AttributeError", "a method of null gives null"},
		{"None < 1", "False", "TypeError", "values without an order compare as false, and so does the whole chain"},
		{"1 < 'a'", "False", "TypeError", "values without an order compare as false, and so does the whole chain"},
		{"1 in 2", "False", "TypeError", "what contains nothing does not contain this"},
		{"1 not in None", "False", "TypeError", "what contains nothing is not asked: false either way"},
		{"{'a': 1}.keys()", "['a']", "dict_keys(['a'])", "keys, values and items are lists"},
		{"reversed([1, 2])", "[2, 1]", "<list_reverseiterator>", "reversed and zip give lists"},
		{"zip([1], 'a')", "[(1, 'a')]", "<zip>", "reversed and zip give lists"},
		{"set([3, 1, 2])", "{3, 1, 2}", "{1, 2, 3}", "sets keep the order in which items first came, so that a run can be repeated"},
		{"[[x] == [x] for x in [float('nan')]]", "[False]", "[True]", "values have no identity; Python finds a NaN equal to itself inside of lists"},
		{"[x in [x] for x in [float('nan')]]", "[False]", "[True]", "values have no identity; Python finds a NaN equal to itself inside of lists"},
		{"(-8) ** 0.5", "value", "complex", "complex numbers do not exist"},
		{"'a' * 10 ** 9", "limit", "MemoryError or the text", "what would take too much time or memory is refused"},
		{"'{0.real}'.format(1)", "value", "'1'", "formats read items, not attributes"},
		{"pow(Decimal(2), 3, 5)", "type", "Decimal('3')", "a modulus is for whole numbers"},
		{"Decimal((0, (1, 2), -1))", "type", "Decimal('1.2')", "a constructor for programs, not for data"},
		{"Decimal('sNaN') == 1", "False", "InvalidOperation", "`==` has no errors"},
		{"format(Decimal('-0.01'), 'z.1F')", "'0.0'", "'-0.0'", "CPython 3.11 forgets `z` for `F`, though not for `f`"},
		{"format(0xd800, 'c')", "value", "'\\ud800'", "half of a surrogate pair is no text"},
		{"float(18014398509481982) ** 1.5", "2.417851639229258e+24", "2.4178516392292578e+24 with some C libraries", "powers are rounded correctly; C's `pow`, which Python calls, takes the neighbour in rare cases"},
		{"[ﬁ for fi in [1]]", "missing name", "[1]", "names are compared as they are written, without Unicode normalisation, since they have to match the manifest's keys"},

		{"'\\N{DEGREE SIGN}'", Rejected, "'°'", "write the character itself, or `\\u` and its number"},
		{"{1, 2}", Rejected, "{1, 2}", "write `set([1, 2])`"},
		{"f'{1}'", Rejected, "'1'", "write `'' + str(1)`, or a template"},
		{"b'a'", Rejected, "b'a'", "bytes do not exist"},
		{"2j", Rejected, "complex", "complex numbers do not exist"},
		{"(lambda x: x)(1)", Rejected, "1", "write a comprehension; `key=` takes the name of a function"},
		{"list(x for x in [1])", Rejected, "[1]", "write `[x for x in [1]]`"},
		{"(x := 1)", Rejected, "1", "give the value a name under `expressions`"},
		{"[*[1], 2]", Rejected, "[1, 2]", "write `[1] + [2]`"},
		{"1 & 3", Rejected, "1", "bitwise operators do not exist"},
		{"~1", Rejected, "-2", "bitwise operators do not exist"},
		{"1 << 3", Rejected, "8", "write `1 * 2 ** 3`"},
		{"''.isdigit()", Rejected, "False", "only the methods listed here can be called"},
		{"divmod(7, 2)", Rejected, "(3, 1)", "only the functions listed here can be called; write `(7 // 2, 7 % 2)`"},
	}
}

// TemplateDifferences lists where templates depart from Jinja, under its strict
// undefined values, one example for each kind.
func TemplateDifferences() []Difference {
	return []Difference{
		{"{{ none | default('d') }}", "d", "None", "null is no value: `default` replaces it, as everywhere in the language"},
		{"{{ {}.x.y | default('d') }}", "d", "error", "`default` follows a path, whatever part of it is missing"},
		{"{{ none.x.upper() is defined }}", "False", "error", "below null is missing, not an error, where it is asked for"},
		{"{{ [{'a': 1}] | map(attribute='b') | list }}", "error", "[Undefined]", "a field that does not exist is an error, not a marker in the text"},
		{"{{ [1, 2] | map('string') }}", "['1', '2']", "<generator>", "filters give lists; Jinja prints a generator object"},
		{"{{ -2 ** 2 }}", "-4", "4", "one precedence for expressions and templates: Python's"},
		{"{{ 2 ** 3 ** 2 }}", "512", "64", "one precedence for expressions and templates: Python's"},
		{"{{ 1 < 'a' }}", "False", "error", "values without an order compare as false, as in expressions"},
		{"{{ [x + 1 for x in [1]] }}", "[2]", "error", "comprehensions are part of the language everywhere"},
		{"{{ len([1]) }}", "1", "error", "the functions of expressions can be called in templates"},
		{"{{ {'b': '<', 'a': 1} | tojson }}", `{"b": "<", "a": 1}`, `{"a": 1, "b": "\u003c"}`, "`tojson` keeps the order of objects and escapes nothing for HTML"},
		{"text\n", "text\n", "text", "the last line break is part of the text"},

		{"{{ [1] | random }}", Rejected, "1", "a run has to give the same result when it is repeated"},
		{"{% set ns = namespace(v=1) %}{{ ns.v }}", Rejected, "1", "write `dict(v=1)`: `{% set ns.v = … %}` works on any mapping"},
		{"{% set a, b = 1, 2 %}{{ a }}", Rejected, "1", "set one name after the other"},
		{"{% with a = 1 %}{{ a }}{% endwith %}", Rejected, "1", "write `{% set a = 1 %}`"},
		{"{% filter upper %}a{% endfilter %}", Rejected, "A", "write `{{ 'a' | upper }}`"},
		{"{% macro m() %}a{% endmacro %}{{ m() }}", Rejected, "a", "shared parts are `kind: Macro` or `!include`"},
		{"{% for x in [1] recursive %}{{ x }}{% endfor %}", Rejected, "1", "loops do not call themselves"},
		{"{{ 'a' | center(3) }}", Rejected, " a ", "only the filters listed here exist; write `format('a', '^3')`"},
		{"{{ 1 is callable }}", Rejected, "False", "only the tests listed here exist"},
	}
}
