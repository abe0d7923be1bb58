package expr

// The filters of templates, as Jinja has them. default, required, map, select,
// reject, selectattr, rejectattr and format are the compiler's.
var filters = catalogue{rows: []builtin{
	{sig: "abs(x: int | float | decimal | bool) -> number", doc: "The number without its sign.", example: "{{ -3 | abs }} → 3", fn: fnAbs},
	{sig: "batch(items: any, linecount: int, fill_with: any = None) -> list[list]", doc: "The items in lists of linecount; fill_with fills up the last one.", example: "{{ [1, 2, 3] | batch(2) }} → [[1, 2], [3]]", fn: filterBatch},
	{sig: "capitalize(s: any) -> str", doc: "The text with its first letter in upper case and the rest in lower case.", example: "{{ 'aBC' | capitalize }} → Abc", fn: filterCapitalize},
	{sig: "default(value: any, default_value: any = '', boolean: bool = False) -> any", doc: "value, or default_value where value does not exist or is null; with boolean also where it counts as false.", example: "{{ user.name | default('friend') }}"},
	{sig: "d() -> any", alias: "default"},
	{sig: "dictsort(value: dict, case_sensitive: bool = False, by: str = 'key', reverse: bool = False) -> list[tuple]", doc: "The pairs of a mapping, sorted by 'key' or 'value'.", example: "{{ {'b': 1, 'a': 2} | dictsort }} → [('a', 2), ('b', 1)]", fn: filterDictSort},
	{sig: "escape(s: any) -> str", doc: "The text with & < > ' \" as HTML entities.", example: "{{ '<b>' | escape }} → &lt;b&gt;", fn: filterEscape},
	{sig: "e() -> str", alias: "escape"},
	{sig: "filesizeformat(value: any, binary: bool = False) -> str", doc: "A number of bytes for people.", example: "{{ 1500 | filesizeformat }} → 1.5 kB", fn: filterFileSize},
	{sig: "first(items: any) -> any", doc: "The first item; of nothing it does not exist, so `default` can follow.", example: "{{ [1, 2] | first }} → 1", fn: filterFirst},
	{sig: "float(value: any, default: any = 0.0) -> float", doc: "The value as a float, or default where it is none.", example: "{{ '2.5' | float }} → 2.5", fn: filterFloat},
	{sig: "format(value: any, *args: any, **fields) -> str", doc: "The text with its %s, %d, … replaced by the arguments.", example: "{{ '%s: %d' | format('a', 1) }} → a: 1"},
	{sig: "groupby(items: any, attribute: str | int, default: any?, case_sensitive: bool = False) -> list[tuple]", doc: "The items in groups of equal attribute, sorted by it: pairs of the value (.grouper) and the items (.list).", example: "{% for city, people in users | groupby('city') %}…{% endfor %}", fn: filterGroupBy},
	{sig: "indent(s: any, width: int | str = 4, first: bool = False, blank: bool = False) -> str", doc: "The lines but the first indented by width spaces or by the text width.", example: "{{ 'a\\nb' | indent(2) }}", fn: filterIndent},
	{sig: "int(value: any, default: any = 0, base: int = 10) -> int", doc: "The value as a whole number, or default where it is none.", example: "{{ '42' | int }} → 42", fn: filterInt},
	{sig: "items(value: dict) -> list[tuple]", doc: "The pairs of a mapping.", example: "{% for key, value in data | items %}…{% endfor %}", fn: filterItems},
	{sig: "join(items: any, d: str = '', attribute: str | int | null = None) -> str", doc: "The texts of the items, or of their attribute, with d between them.", example: "{{ [1, 2] | join(', ') }} → 1, 2", fn: filterJoin},
	{sig: "last(items: any) -> any", doc: "The last item; of nothing it does not exist, so `default` can follow.", example: "{{ [1, 2] | last }} → 2", fn: filterLast},
	{sig: "length(x: str | list | tuple | set | dict | range) -> int", doc: "How many items or characters it has.", example: "{{ 'abc' | length }} → 3", fn: fnLen},
	{sig: "count() -> int", alias: "length"},
	{sig: "list(x: any) -> list", doc: "A list of the items, the keys of a mapping, or the characters of a text.", example: "{{ 'ab' | list }} → ['a', 'b']", fn: fnList},
	{sig: "lower(s: any) -> str", doc: "The text in lower case.", example: "{{ 'ABC' | lower }} → abc", fn: fnLower},
	{sig: "map(items: any, filter: str?, *args: any, attribute: str | int | null = None, default: any?, **fields) -> list", doc: "The attribute of each item, or each item through a filter.", example: "{{ users | map(attribute='name') | join(', ') }}"},
	{sig: "max(items: any, case_sensitive: bool = False, attribute: str | int | null = None) -> any", doc: "The largest item; of nothing it does not exist.", example: "{{ [3, 1] | max }} → 3", fn: filterMax},
	{sig: "min(items: any, case_sensitive: bool = False, attribute: str | int | null = None) -> any", doc: "The smallest item; of nothing it does not exist.", example: "{{ [3, 1] | min }} → 1", fn: filterMin},
	{sig: "random() -> any", refused: "a run must give the same result when it is replayed; take an item by a value of the input instead"},
	{sig: "reject(items: any, test: str?, *args: any) -> list", doc: "The items for which the test fails; without a test those that count as false.", example: "{{ [1, 2] | reject('odd') | list }} → [2]"},
	{sig: "rejectattr(items: any, attribute: str | int, test: str?, *args: any) -> list", doc: "The items whose attribute fails the test.", example: "{{ users | rejectattr('active') | list }}"},
	{sig: "replace(s: any, old: str, new: str, count: int | null = None) -> str", doc: "The text with old replaced by new, at most count times.", example: "{{ 'a-b' | replace('-', '+') }} → a+b", fn: filterReplace},
	{sig: "required(value: any, message: str = '') -> any", doc: "value; an error where it does not exist or is null.", example: "{{ user.id | required }}"},
	{sig: "reverse(x: any) -> any", doc: "The text or the items from last to first.", example: "{{ 'abc' | reverse }} → cba", fn: filterReverse},
	{sig: "round(value: int | float | decimal | bool, precision: int = 0, method: str = 'common') -> number", doc: "The number rounded; method is 'common', 'ceil' or 'floor'.", example: "{{ 2.75 | round(1) }} → 2.8", fn: filterRound},
	{sig: "safe(x: any) -> any", doc: "The value as it is; nothing is escaped here unless `escape` does it.", example: "{{ html | safe }}", fn: filterSafe},
	{sig: "select(items: any, test: str?, *args: any) -> list", doc: "The items for which the test holds; without a test those that count as true.", example: "{{ [1, 2] | select('odd') | list }} → [1]"},
	{sig: "selectattr(items: any, attribute: str | int, test: str?, *args: any) -> list", doc: "The items whose attribute passes the test.", example: "{{ users | selectattr('age', 'ge', 18) | list }}"},
	{sig: "slice(items: any, slices: int, fill_with: any = None) -> list[list]", doc: "The items in a number of lists of about equal length.", example: "{{ [1, 2, 3] | slice(2) }} → [[1, 2], [3]]", fn: filterSlice},
	{sig: "sort(items: any, reverse: bool = False, case_sensitive: bool = False, attribute: str | int | null = None) -> list", doc: "The items in order, or in the order of an attribute; several attributes are separated by commas.", example: "{{ users | sort(attribute='name') }}", fn: filterSort},
	{sig: "string(x: any) -> str", doc: "The text of the value.", example: "{{ 1.50 | string }} → 1.5", fn: fnStr},
	{sig: "striptags(s: any) -> str", doc: "The text without HTML tags and with white space collapsed.", example: "{{ '<b>a</b>' | striptags }} → a", fn: filterStripTags},
	{sig: "sum(items: any, attribute: str | int | null = None, start: any = 0) -> any", doc: "The items, or their attribute, added up.", example: "{{ orders | sum(attribute='total') }}", fn: filterSum},
	{sig: "title(s: any) -> str", doc: "The text with every word capitalised.", example: "{{ 'a bc' | title }} → A Bc", fn: filterTitle},
	{sig: "tojson(value: any, indent: int | null = None) -> str", doc: "The value as JSON, objects in their own order.", example: "{{ {'a': 1} | tojson }} → {\"a\": 1}", fn: filterToJSON},
	{sig: "trim(s: any, chars: str | null = None) -> str", doc: "The text without the characters, white space by default, at both ends.", example: "{{ ' a ' | trim }} → a", fn: filterTrim},
	{sig: "truncate(s: any, length: int = 255, killwords: bool = False, end: str = '...', leeway: int = 5) -> str", doc: "The text cut to length, at a word unless killwords; up to leeway more is left as it is.", example: "{{ text | truncate(100) }}", fn: filterTruncate},
	{sig: "unique(items: any, case_sensitive: bool = False, attribute: str | int | null = None) -> list", doc: "The items without those that equal an earlier one.", example: "{{ [1, 2, 1] | unique | list }} → [1, 2]", fn: filterUnique},
	{sig: "upper(s: any) -> str", doc: "The text in upper case.", example: "{{ 'abc' | upper }} → ABC", fn: fnUpper},
	{sig: "urlencode(value: any) -> str", doc: "The text for a URL; a mapping or pairs give a query string.", example: "{{ {'q': 'a b'} | urlencode }} → q=a+b", fn: filterURLEncode},
	{sig: "wordcount(s: any) -> int", doc: "How many words the text has.", example: "{{ 'a bc' | wordcount }} → 2", fn: filterWordCount},
	{sig: "wordwrap(s: any, width: int = 79, break_long_words: bool = True, wrapstring: str | null = None, break_on_hyphens: bool = True) -> str", doc: "The text in lines of at most width characters.", example: "{{ text | wordwrap(72) }}", fn: filterWordWrap},
}}

func lookupFilter(name string) *signature { return filters.lookup(name) }

// Filters documents every filter of templates.
func Filters() []FuncDoc { return filters.docs() }

// tests are the tests of templates: `x is NAME`. The compiler treats defined
// and undefined.
var tests = catalogue{rows: []builtin{
	{sig: "==() -> bool", alias: "eq"},
	{sig: "!=() -> bool", alias: "ne"},
	{sig: "<() -> bool", alias: "lt"},
	{sig: "<=() -> bool", alias: "le"},
	{sig: ">() -> bool", alias: "gt"},
	{sig: ">=() -> bool", alias: "ge"},
	{sig: "boolean(x: any) -> bool", doc: "Whether x is true or false.", example: "{{ true is boolean }}", fn: testBoolean},
	{sig: "defined(x: any) -> bool", doc: "Whether x exists; null does.", example: "{% if user.name is defined %}…{% endif %}", fn: testDefined},
	{sig: "divisibleby(x: int | float | decimal | bool, num: int) -> bool", doc: "Whether x can be divided by num.", example: "{{ 6 is divisibleby 3 }}", fn: testDivisibleBy},
	{sig: "eq(x: any, y: any) -> bool", doc: "Whether x equals y.", example: "{{ [1, 2] | select('eq', 1) | list }} → [1]", fn: testEq},
	{sig: "equalto() -> bool", alias: "eq"},
	{sig: "even(x: int | float | decimal | bool) -> bool", doc: "Whether x is an even number.", example: "{{ 2 is even }}", fn: testEven},
	{sig: "false(x: any) -> bool", doc: "Whether x is false itself.", example: "{{ x is false }}", fn: testFalse},
	{sig: "float(x: any) -> bool", doc: "Whether x is a float.", example: "{{ 1.5 is float }}", fn: testFloat},
	{sig: "ge(x: any, y: any) -> bool", doc: "Whether x is at least y.", example: "{{ users | selectattr('age', 'ge', 18) | list }}", fn: testGe},
	{sig: "greaterthan() -> bool", alias: "gt"},
	{sig: "gt(x: any, y: any) -> bool", doc: "Whether x is greater than y.", example: "{{ [1, 2] | select('gt', 1) | list }} → [2]", fn: testGt},
	{sig: "in(x: any, y: any) -> bool", doc: "Whether y contains x.", example: "{{ [1, 2] | select('in', [2, 3]) | list }} → [2]", fn: testIn},
	{sig: "integer(x: any) -> bool", doc: "Whether x is a whole number; true and false are not.", example: "{{ 1 is integer }}", fn: testInteger},
	{sig: "iterable(x: any) -> bool", doc: "Whether a loop can go over x.", example: "{{ 'abc' is iterable }}", fn: testIterable},
	{sig: "le(x: any, y: any) -> bool", doc: "Whether x is at most y.", example: "{{ [1, 2] | select('le', 1) | list }} → [1]", fn: testLe},
	{sig: "lessthan() -> bool", alias: "lt"},
	{sig: "lower(x: any) -> bool", doc: "Whether all letters of the text are in lower case.", example: "{{ 'abc' is lower }}", fn: testLower},
	{sig: "lt(x: any, y: any) -> bool", doc: "Whether x is less than y.", example: "{{ [1, 2] | select('lt', 2) | list }} → [1]", fn: testLt},
	{sig: "mapping(x: any) -> bool", doc: "Whether x is a mapping.", example: "{{ {} is mapping }}", fn: testMapping},
	{sig: "ne(x: any, y: any) -> bool", doc: "Whether x differs from y.", example: "{{ [1, 2] | select('ne', 1) | list }} → [2]", fn: testNe},
	{sig: "none(x: any) -> bool", doc: "Whether x is null.", example: "{% if x is none %}…{% endif %}", fn: testNone},
	{sig: "number(x: any) -> bool", doc: "Whether x is a number.", example: "{{ 1.5 is number }}", fn: testNumber},
	{sig: "odd(x: int | float | decimal | bool) -> bool", doc: "Whether x is an odd number.", example: "{{ 1 is odd }}", fn: testOdd},
	{sig: "sameas(x: any, y: any) -> bool", doc: "Whether x is y: for null, true and false.", example: "{{ x is sameas(true) }}", fn: testSameAs},
	{sig: "sequence(x: any) -> bool", doc: "Whether x has items in an order: a list, a text, a mapping.", example: "{{ [] is sequence }}", fn: testSequence},
	{sig: "string(x: any) -> bool", doc: "Whether x is a text.", example: "{{ 'a' is string }}", fn: testString},
	{sig: "true(x: any) -> bool", doc: "Whether x is true itself.", example: "{{ x is true }}", fn: testTrue},
	{sig: "undefined(x: any) -> bool", doc: "Whether x does not exist.", example: "{% if x is undefined %}…{% endif %}", fn: testUndefined},
	{sig: "upper(x: any) -> bool", doc: "Whether all letters of the text are in upper case.", example: "{{ 'ABC' is upper }}", fn: testUpper},
}}

// lookupTest is the test of that name; Python's spellings of the constants are
// taken too.
func lookupTest(name string) *signature {
	switch name {
	case "None", "null":
		name = "none"
	case "True":
		name = "true"
	case "False":
		name = "false"
	}
	return tests.lookup(name)
}

// Tests documents every test of templates.
func Tests() []FuncDoc { return tests.docs() }
