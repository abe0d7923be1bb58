package expr

import (
	"slices"

	"hexdag.dev/hexdag/lang/value"
)

// The functions of expressions and templates. Python's own have Python's
// meaning; the others are documented here.
var functions = catalogue{rows: []builtin{
	{sig: "now() -> datetime", doc: "The current local time, without a zone.", example: "format(now(), '%Y-%m-%d')", fn: fnNow, impure: true},
	{sig: "utcnow() -> datetime", doc: "The current time in UTC, with its zone.", example: "str(utcnow())", fn: fnUTCNow, impure: true},
	{sig: "timestamp(dt: datetime) -> float", doc: "Seconds since 1970-01-01 UTC. A datetime without a zone is local time.", example: "timestamp(now())", fn: fnTimestamp},

	{sig: "str(x: any = '') -> str", doc: "The text of a value, as Python prints it.", example: "str(1.50) → '1.5'", fn: fnStr},
	{sig: "int(x: str | int | float | decimal | bool = 0, /, base: int = 10) -> int", doc: "A whole number from a number (cut towards zero) or a text.", example: "int('42') → 42", fn: fnInt},
	{sig: "float(x: str | int | float | decimal | bool = 0.0, /) -> float", doc: "A float from a number or a text.", example: "float('2.5') → 2.5", fn: fnFloat},
	{sig: "bool(x: any = False, /) -> bool", doc: "Whether the value counts as true: not null, 0, '' or empty.", example: "bool([]) → False", fn: fnBool},
	{sig: "Decimal(x: str | int | float | decimal | bool = '0') -> decimal", doc: "A decimal number, exact for money. Give it text, not a float.", example: "Decimal('0.1') + Decimal('0.2') → 0.3", fn: fnDecimal},
	{sig: "list(x: any?, /) -> list", doc: "A list of the items, the keys of a mapping, or the characters of a text.", example: "list({'a': 1}) → ['a']", fn: fnList},
	{sig: "set(x: any?, /) -> set", doc: "The distinct items, in the order in which they first come.", example: "len(set([1, 1, 2])) → 2", fn: fnSet},
	{sig: "tuple(x: any?, /) -> tuple", doc: "A tuple of the items.", example: "tuple([1, 2]) → (1, 2)", fn: fnTuple},
	{sig: "dict(x: any?, /, **fields) -> dict", doc: "A mapping from a mapping or from pairs, with the named fields added.", example: "dict([('a', 1)], b=2) → {'a': 1, 'b': 2}"},

	{sig: "abs(x: int | float | decimal | bool, /) -> number", doc: "The number without its sign.", example: "abs(-3) → 3", fn: fnAbs},
	{sig: "round(number: int | float | decimal | bool, ndigits: int | null = None) -> number", doc: "The number rounded, halves to the even neighbour.", example: "round(2.5) → 2", fn: fnRound},
	{sig: "min(*items: any, key: function = None, default: any?) -> any", doc: "The smallest of the arguments, or of the items of the only one.", example: "min([3, 1, 2]) → 1"},
	{sig: "max(*items: any, key: function = None, default: any?) -> any", doc: "The largest of the arguments, or of the items of the only one.", example: "max(3, 1, 2) → 3"},
	{sig: "sum(iterable: any, /, start: any = 0) -> any", doc: "The items added up.", example: "sum([1, 2, 3]) → 6", fn: fnSum},
	{sig: "pow(base: int | float | decimal | bool, exp: int | float | decimal | bool, mod: int | null = None) -> number", doc: "base to the power exp, modulo mod if given.", example: "pow(2, 10) → 1024", fn: fnPow},

	{sig: "len(x: str | list | tuple | set | dict | range, /) -> int", doc: "How many items or characters it has.", example: "len('abc') → 3", fn: fnLen},
	{sig: "all(iterable: any, /) -> bool", doc: "Whether every item counts as true.", example: "all([1, 0]) → False", fn: fnAll},
	{sig: "any(iterable: any, /) -> bool", doc: "Whether an item counts as true.", example: "any([1, 0]) → True", fn: fnAny},
	{sig: "sorted(iterable: any, /, *, key: function = None, reverse: bool | int = False) -> list", doc: "The items in order. key names a function, such as len or lower.", example: "sorted(['bb', 'a'], key=len) → ['a', 'bb']"},
	{sig: "reversed(x: any, /) -> list", doc: "The items from last to first.", example: "reversed([1, 2]) → [2, 1]", fn: fnReversed},
	{sig: "range(start: int, stop: int?, step: int?, /) -> range", doc: "Whole numbers from start up to, and without, stop. With one argument that is stop.", example: "list(range(3)) → [0, 1, 2]", fn: fnRange},
	{sig: "zip(*iterables: any) -> list", doc: "Tuples of the first items, the second items, …, up to the shortest.", example: "zip([1, 2], 'ab') → [(1, 'a'), (2, 'b')]", fn: fnZip},

	{sig: "lower(s: any) -> str", doc: "The text in lower case.", example: "lower('ABC') → 'abc'", fn: fnLower},
	{sig: "upper(s: any) -> str", doc: "The text in upper case.", example: "upper('abc') → 'ABC'", fn: fnUpper},
	{sig: "strip(s: any) -> str", doc: "The text without white space at both ends.", example: "strip(' a ') → 'a'", fn: fnStrip},
	{sig: "lstrip(s: any) -> str", doc: "The text without white space at its start.", example: "lstrip(' a') → 'a'", fn: fnLStrip},
	{sig: "rstrip(s: any) -> str", doc: "The text without white space at its end.", example: "rstrip('a ') → 'a'", fn: fnRStrip},
	{sig: "split(s: any, sep: str | null = None) -> list[any]", doc: "The parts of the text between the separators, white space by default. Anything but a text gives a list of itself.", example: "split('a,b', ',') → ['a', 'b']", fn: fnSplit},
	{sig: "join(sep: str, items: any) -> str", doc: "The texts of the items with sep between them.", example: "join(', ', [1, 2]) → '1, 2'", fn: fnJoin},
	{sig: "replace(s: any, old: str, new: str) -> str", doc: "The text with every old replaced by new.", example: "replace('a-b', '-', '+') → 'a+b'", fn: fnReplace},
	{sig: "startswith(s: any, prefix: str | tuple) -> bool", doc: "Whether the text begins with prefix; false for anything but a text.", example: "startswith('abc', 'ab') → True", fn: fnStartsWith},
	{sig: "endswith(s: any, suffix: str | tuple) -> bool", doc: "Whether the text ends in suffix; false for anything but a text.", example: "endswith('abc', 'bc') → True", fn: fnEndsWith},
	{sig: "contains(s: any, sub: str) -> bool", doc: "Whether the text contains sub; false for anything but a text. For lists write `x in items`.", example: "contains('abc', 'b') → True", fn: fnContains},
	{sig: "format(value: any, spec: str = '', /) -> str", doc: "The value in Python's format: `.2f`, `,`, `>10`, `%Y-%m-%d`.", example: "format(1234.5, ',.2f') → '1,234.50'", fn: fnFormat},

	{sig: "default(value: any, fallback: any) -> any", doc: "value, or fallback where value is null or does not exist.", example: "default(node.score, 0)", fn: fnDefault},
	{sig: "coalesce(*values: any) -> any", doc: "The first value that exists and is not null, else null.", example: "coalesce(a.name, b.name, 'unknown')", fn: fnCoalesce},
	{sig: "isnone(x: any) -> bool", doc: "Whether the value is null or does not exist.", example: "isnone(node.error)", fn: fnIsNone},
	{sig: "isempty(x: any) -> bool", doc: "Whether the value is null, does not exist, or is '', [] or {}.", example: "isempty(node.items)", fn: fnIsEmpty},
}}

// lookupFunction is the function of that name, or nil.
func lookupFunction(name string) *signature { return functions.lookup(name) }

// Functions documents every function that expressions and templates can call.
func Functions() []FuncDoc { return functions.docs() }

// guardsParam reports whether a function takes a value that does not exist as
// its parameter i.
func guardsParam(function string, i int) bool {
	switch function {
	case "default", "isnone", "isempty":
		return i == 0
	case "coalesce":
		return true
	}
	return false
}

// methods are the methods that values have; which kind has which is the value
// package's.
var methods = catalogue{rows: []builtin{
	{sig: "get(key: any, default: any = None, /) -> any", doc: "The value of a key, or default.", example: "data.get('name', 'unknown')"},
	{sig: "keys() -> list", doc: "The keys, in order.", example: "{'a': 1}.keys() → ['a']"},
	{sig: "values() -> list", doc: "The values, in order.", example: "{'a': 1}.values() → [1]"},
	{sig: "items() -> list[tuple]", doc: "The keys with their values.", example: "{'a': 1}.items() → [('a', 1)]"},
	{sig: "upper() -> str", doc: "The text in upper case.", example: "'abc'.upper() → 'ABC'"},
	{sig: "lower() -> str", doc: "The text in lower case.", example: "'ABC'.lower() → 'abc'"},
	{sig: "strip(chars: str | null = None, /) -> str", doc: "The text without the characters, white space by default, at both ends.", example: "'--a--'.strip('-') → 'a'"},
	{sig: "lstrip(chars: str | null = None, /) -> str", doc: "The text without the characters, white space by default, at its start.", example: "'--a'.lstrip('-') → 'a'"},
	{sig: "rstrip(chars: str | null = None, /) -> str", doc: "The text without the characters, white space by default, at its end.", example: "'a--'.rstrip('-') → 'a'"},
	{sig: "split(sep: str | null = None, maxsplit: int = -1) -> list[str]", doc: "The parts between the separators, white space by default.", example: "'a,b'.split(',') → ['a', 'b']"},
	{sig: "replace(old: str, new: str, count: int = -1, /) -> str", doc: "The text with old replaced by new, at most count times.", example: "'a-b'.replace('-', '+') → 'a+b'"},
	{sig: "startswith(prefix: str | tuple, start: int | null = None, end: int | null = None, /) -> bool", doc: "Whether the text begins with prefix, or one of the tuple.", example: "'abc'.startswith('ab') → True"},
	{sig: "endswith(suffix: str | tuple, start: int | null = None, end: int | null = None, /) -> bool", doc: "Whether the text ends in suffix, or one of the tuple.", example: "'abc'.endswith('bc') → True"},
	{sig: "join(items: any, /) -> str", doc: "The texts with this one between them.", example: "', '.join(['a', 'b']) → 'a, b'"},
	{sig: "format(*values: any, **fields) -> str", doc: "The text with each {} replaced, in Python's format.", example: "'{:.1f} of {n}'.format(2.25, n=3) → '2.2 of 3'"},
	{sig: "count(x: any, start: int | null = None, end: int | null = None, /) -> int", doc: "How often x occurs.", example: "[1, 2, 1].count(1) → 2"},
	{sig: "find(sub: str, start: int | null = None, end: int | null = None, /) -> int", doc: "Where sub begins, or -1.", example: "'abc'.find('c') → 2"},
	{sig: "index(x: any, start: int | null = None, end: int | null = None, /) -> int", doc: "Where x is; an error if it is not there.", example: "['a', 'b'].index('b') → 1"},
	{sig: "isoformat(sep: str = 'T') -> str", doc: "The time as ISO 8601 writes it.", example: "now().isoformat()"},
	{sig: "strftime(format: str, /) -> str", doc: "The time in a format of %-directives.", example: "now().strftime('%H:%M')"},
	{sig: "copy() -> any", doc: "The same value; values never change.", example: "[1].copy() → [1]"},
}}

func lookupMethod(name string) *signature { return methods.lookup(name) }

// Methods documents the methods of values of a kind, as Type.String names it
// ("str", "list", "dict", …); of "" those of all kinds.
func Methods(kind string) []FuncDoc {
	all := methods.docs()
	if kind == "" {
		return all
	}
	k, ok := kindNamed(kind)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(all, func(d FuncDoc) bool {
		_, has := value.LookupMethod(k, d.Name)
		return !has
	})
}

func kindNamed(name string) (value.Kind, bool) {
	switch name {
	case "str":
		return value.KindString, true
	case "list":
		return value.KindList, true
	case "dict":
		return value.KindObject, true
	case "tuple":
		return value.KindTuple, true
	case "set":
		return value.KindSet, true
	case "range":
		return value.KindRange, true
	case "datetime":
		return value.KindDatetime, true
	}
	return 0, false
}
