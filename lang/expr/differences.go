package expr

// Difference is an expression whose value is not CPython's.
type Difference struct {
	Expr   string
	Ours   string // the value as Python would write it, or the kind of the error
	Python string // likewise, or the name of the exception
	Why    string
}

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
		{"set([3, 1, 2])", "{3, 1, 2}", "{1, 2, 3}", "sets keep the order in which items first came"},
		{"(-8) ** 0.5", "value", "complex", "complex numbers do not exist"},
		{"'a' * 10 ** 9", "limit", "MemoryError or the text", "what would take too much time or memory is refused"},
		{"'' * 10 ** 30", "''", "OverflowError", "nothing, any number of times, is nothing"},
		{"'{0.real}'.format(1)", "value", "'1'", "formats read items, not attributes"},
		{"pow(Decimal(2), 3, 5)", "type", "Decimal('3')", "a modulus is for whole numbers"},
	}
}
