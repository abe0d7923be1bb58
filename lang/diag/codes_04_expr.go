package diag

// Expressions and templates.
const (
	// ExprSyntax: an expression cannot be read.
	ExprSyntax Code = "HX0401"
	// ExprEmpty: an expression is empty.
	ExprEmpty Code = "HX0402"
	// ExprUnknownFunction: an expression calls a function that does not exist.
	ExprUnknownFunction Code = "HX0403"
	// ExprUnknownMethod: an expression calls a method that does not exist.
	ExprUnknownMethod Code = "HX0404"
	// ExprUnsupported: an expression uses a part of Python or Jinja that does not exist here.
	ExprUnsupported Code = "HX0405"
	// ExprTooDeep: an expression or template is nested too deep.
	ExprTooDeep Code = "HX0406"
	// ExprBadLiteral: a number or text in an expression is not written properly.
	ExprBadLiteral Code = "HX0407"
	// ExprBadArguments: a function, method, filter or test gets the wrong arguments.
	ExprBadArguments Code = "HX0408"
	// ExprFilterOutside: a filter is used outside of a template.
	ExprFilterOutside Code = "HX0409"
	// TemplateSyntax: a template's tags do not fit together.
	TemplateSyntax Code = "HX0410"
	// TemplateUnknownFilter: a template uses a filter that does not exist.
	TemplateUnknownFilter Code = "HX0411"
	// TemplateUnknownTest: a template uses a test that does not exist.
	TemplateUnknownTest Code = "HX0412"
	// TemplateUnsupportedTag: a template uses a tag that does not exist.
	TemplateUnsupportedTag Code = "HX0413"
	// ExprUnknownField: a value is known not to have this field.
	ExprUnknownField Code = "HX0414"
	// ExprBadOperands: an operator gets values that it cannot work with.
	ExprBadOperands Code = "HX0415"
	// ExprBadArgumentType: a function, method or filter gets a value that it cannot work with.
	ExprBadArgumentType Code = "HX0416"
	// ExprNeverHolds: a comparison always has the same result.
	ExprNeverHolds Code = "HX0417"
	// ExprNotIterable: a loop goes over a value that has no items.
	ExprNotIterable Code = "HX0418"
	// ExprAlwaysFails: a part of an expression without any names always fails.
	ExprAlwaysFails Code = "HX0419"
)

var codes04 = register(
	Entry{
		Code: ExprSyntax, Rule: "expression-syntax", Severity: Error,
		Summary: `an expression cannot be read`,
		Detail:  `The text does not follow the grammar of expressions, which is a subset of Python: ` + "`" + `and` + "`" + `, ` + "`" + `or` + "`" + `, ` + "`" + `not` + "`" + `, ` + "`" + `==` + "`" + `, ` + "`" + `a if c else b` + "`" + `, calls of listed functions. Everything behind the fault is still checked.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          ready: "$input.status === 'active'"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          ready: "$input.status == 'active'"
`,
	},
	Entry{
		Code: ExprEmpty, Rule: "empty-expression", Severity: Error,
		Summary: `an expression is empty`,
		Detail:  `A field that holds an expression has to have one; ` + "`" + `{{ }}` + "`" + ` has to have something inside. Remove the field if it is not needed.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          ready: " "
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          ready: "True"
`,
	},
	Entry{
		Code: ExprUnknownFunction, Rule: "unknown-function", Severity: Error,
		Summary: `an expression calls a function that does not exist`,
		Detail:  `Expressions can call the listed functions only (` + "`" + `hexc explain functions` + "`" + `); they have no access to the machine. Code of your own runs in a ` + "`" + `function_node` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          size: lenght($input.items)
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          size: len($input.items)
`,
	},
	Entry{
		Code: ExprUnknownMethod, Rule: "unknown-method", Severity: Error,
		Summary: `an expression calls a method that does not exist`,
		Detail:  `Values have a few of Python's methods (` + "`" + `get` + "`" + `, ` + "`" + `keys` + "`" + `, ` + "`" + `upper` + "`" + `, ` + "`" + `split` + "`" + `, …). Those that would change a value do not exist, because values never change: build a new one.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          items: $input.items.append(1)
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          items: $input.items + [1]
`,
	},
	Entry{
		Code: ExprUnsupported, Rule: "unsupported-syntax", Severity: Error,
		Summary: `an expression uses a part of Python or Jinja that does not exist here`,
		Detail:  `Lambdas, generator expressions, set literals, f-strings, assignments, bitwise operators and unpacking are left out, so that an expression is always a bounded calculation. The help line says what to write instead.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          total: sum(x.price for x in $input.items)
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          total: sum([x.price for x in $input.items])
`,
	},
	Entry{
		Code: ExprTooDeep, Rule: "expression-too-deep", Severity: Error,
		Summary:   `an expression or template is nested too deep`,
		Detail:    `The tree of an expression is at most 400 levels high. Give parts of it names under ` + "`" + `expressions` + "`" + `, or with ` + "`" + `{% set %}` + "`" + `.`,
		NoExample: `an example would be hundreds of brackets long`,
	},
	Entry{
		Code: ExprBadLiteral, Rule: "bad-literal", Severity: Error,
		Summary: `a number or text in an expression is not written properly`,
		Detail:  `A text needs its closing quote on the same line and known escapes; a number has no leading zeros and no letters behind it.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          code: "007"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          code: "'007'"
`,
	},
	Entry{
		Code: ExprBadArguments, Rule: "bad-arguments", Severity: Error,
		Summary: `a function, method, filter or test gets the wrong arguments`,
		Detail:  `There are too few or too many, or one has a name that is not among the parameters. The help line shows the signature.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          text: join($input.items)
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          text: "join(', ', $input.items)"
`,
	},
	Entry{
		Code: ExprFilterOutside, Rule: "filter-outside-template", Severity: Error,
		Summary: `a filter is used outside of a template`,
		Detail:  `Filters (` + "`" + `x | name` + "`" + `) belong to ` + "`" + `{{ … }}` + "`" + `. Expressions call functions instead, and a mapping takes only ` + "`" + `| required` + "`" + ` and ` + "`" + `| default(x)` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        input_mapping:
          name: $input.name | upper
        expressions:
          greeting: "'Hello ' + name"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        input_mapping:
          name: upper($input.name)
        expressions:
          greeting: "'Hello ' + name"
`,
	},
	Entry{
		Code: TemplateSyntax, Rule: "template-syntax", Severity: Error,
		Summary: `a template's tags do not fit together`,
		Detail:  `Every ` + "`" + `{% if %}` + "`" + `, ` + "`" + `{% for %}` + "`" + `, ` + "`" + `{% set %}` + "`" + ` block and ` + "`" + `{% raw %}` + "`" + ` needs its end, in the right order, and every ` + "`" + `{#` + "`" + ` its ` + "`" + `#}` + "`" + `. To print the characters themselves write ` + "`" + `{{ '{%' }}` + "`" + ` or use ` + "`" + `{% raw %}` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "{% if $input.name %}Hello {{ $input.name }}"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "{% if $input.name %}Hello {{ $input.name }}{% endif %}"
`,
	},
	Entry{
		Code: TemplateUnknownFilter, Rule: "unknown-filter", Severity: Error,
		Summary: `a template uses a filter that does not exist`,
		Detail:  `The filters are Jinja's; ` + "`" + `hexc explain filters` + "`" + ` lists them.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "Names: {{ $input.names | joni(', ') }}"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "Names: {{ $input.names | join(', ') }}"
`,
	},
	Entry{
		Code: TemplateUnknownTest, Rule: "unknown-test", Severity: Error,
		Summary: `a template uses a test that does not exist`,
		Detail:  `The tests behind ` + "`" + `is` + "`" + ` are Jinja's (` + "`" + `defined` + "`" + `, ` + "`" + `none` + "`" + `, ` + "`" + `string` + "`" + `, ` + "`" + `number` + "`" + `, …). Compare values with ` + "`" + `==` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "{% if $input.name is defind %}Hello{% endif %}"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "{% if $input.name is defined %}Hello{% endif %}"
`,
	},
	Entry{
		Code: TemplateUnsupportedTag, Rule: "unsupported-tag", Severity: Error,
		Summary: `a template uses a tag that does not exist`,
		Detail:  `Templates have ` + "`" + `if` + "`" + `, ` + "`" + `for` + "`" + `, ` + "`" + `set` + "`" + ` and ` + "`" + `raw` + "`" + `. Inheritance, imports and macros of Jinja are the manifest's job: ` + "`" + `!include` + "`" + ` and ` + "`" + `kind: Macro` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "{% include 'header.txt' %} Hello"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  ports:
    llm:
      adapter: mock_llm
      config:
        responses: [ok]
  nodes:
    - kind: llm_node
      metadata:
        name: write
      spec:
        human_message: "Hello"
`,
	},
	Entry{
		Code: ExprUnknownField, Rule: "no-such-field", Severity: Error,
		Summary: `a value is known not to have this field`,
		Detail:  `The value's type is enforced when the program runs, so the field can never be there: reading it always gives null, or fails in a template.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: first
      spec:
        expressions:
          total: 3
          name: "'Ada'"
    - kind: expression_node
      metadata:
        name: second
      spec:
        expressions:
          double: first.totl * 2
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: first
      spec:
        expressions:
          total: 3
          name: "'Ada'"
    - kind: expression_node
      metadata:
        name: second
      spec:
        expressions:
          double: first.total * 2
`,
	},
	Entry{
		Code: ExprBadOperands, Rule: "bad-operands", Severity: Error,
		Summary: `an operator gets values that it cannot work with`,
		Detail:  `Whatever the values will be, their types make the operation fail. Convert one of them: ` + "`" + `str(x)` + "`" + `, ` + "`" + `int(x)` + "`" + `, ` + "`" + `float(x)` + "`" + `.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          label: "'order ' + 5"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          label: "'order ' + str(5)"
`,
	},
	Entry{
		Code: ExprBadArgumentType, Rule: "bad-argument-type", Severity: Error,
		Summary: `a function, method or filter gets a value that it cannot work with`,
		Detail:  `Whatever the value will be, its type makes the call fail.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          size: len(5)
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          size: "len('hello')"
`,
	},
	Entry{
		Code: ExprNeverHolds, Rule: "comparison-never-holds", Severity: Warning,
		Summary: `a comparison always has the same result`,
		Detail:  `The types of the two sides have no value in common, or an order between them does not exist. Usually one side is misspelt or needs a conversion.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: first
      spec:
        expressions:
          total: 3
          name: "'Ada'"
    - kind: expression_node
      metadata:
        name: second
      spec:
        expressions:
          ada: "first.name == 1"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: first
      spec:
        expressions:
          total: 3
          name: "'Ada'"
    - kind: expression_node
      metadata:
        name: second
      spec:
        expressions:
          ada: "first.name == 'Ada'"
`,
	},
	Entry{
		Code: ExprNotIterable, Rule: "not-iterable", Severity: Error,
		Summary: `a loop goes over a value that has no items`,
		Detail:  `Comprehensions, ` + "`" + `{% for %}` + "`" + `, ` + "`" + `in` + "`" + ` and functions such as ` + "`" + `sum` + "`" + ` need a list, a mapping, a text or a range.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          doubled: "[x * 2 for x in 5]"
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          doubled: "[x * 2 for x in range(5)]"
`,
	},
	Entry{
		Code: ExprAlwaysFails, Rule: "always-fails", Severity: Error,
		Summary: `a part of an expression without any names always fails`,
		Detail:  `The part consists of constants, and computing it gives an error, such as a division by zero.`,
		Bad: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          ratio: 1 / 0
`,
		Good: `kind: Pipeline
metadata:
  name: example
spec:
  nodes:
    - kind: expression_node
      metadata:
        name: calc
      spec:
        expressions:
          ratio: 1 / 2
`,
	},
)
