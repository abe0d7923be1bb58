package diag

// Systems: processes, pipes, starts and state machines.
const (
	// UnknownProcess: a name that should be a process is none.
	UnknownProcess Code = "HX0701"
	// PipeCycle: processes wait for each other.
	PipeCycle Code = "HX0702"
	// MissingPipeline: `exec` leads to no pipeline.
	MissingPipeline Code = "HX0703"
	// BadPipeline: a process's pipeline has errors.
	BadPipeline Code = "HX0704"
	// DuplicateProcess: two processes have the same name.
	DuplicateProcess Code = "HX0705"
	// NotUpstream: a process reads one that need not have ended before it.
	NotUpstream Code = "HX0706"
	// UnknownProcessField: a mapping reads what a process does not have.
	UnknownProcessField Code = "HX0707"
	// AmbiguousProcessField: a name behind a process means a node and an output.
	AmbiguousProcessField Code = "HX0708"
	// MissingProcessInput: nothing gives a process an input that it needs.
	MissingProcessInput Code = "HX0709"
	// MappingType: a process gets a value that its input cannot take.
	MappingType Code = "HX0710"
	// DuplicateTarget: two pipes give a process the same input.
	DuplicateTarget Code = "HX0711"
	// UndeclaredTarget: a process gets an input that it does not declare.
	UndeclaredTarget Code = "HX0712"
	// NoProcesses: a System without processes does nothing.
	NoProcesses Code = "HX0713"
	// BadProcessName: a process's name cannot be written in a mapping.
	BadProcessName Code = "HX0714"
	// BadCron: a cron expression cannot be read, or never comes.
	BadCron Code = "HX0720"
	// UnknownTimezone: there is no such time zone.
	UnknownTimezone Code = "HX0721"
	// BadTopic: a topic cannot be subscribed to.
	BadTopic Code = "HX0722"
	// InitSetting: settings of `init` contradict each other.
	InitSetting Code = "HX0723"
	// InitName: an expression of `init` reads what is not there.
	InitName Code = "HX0724"
	// UnreachableState: no entity can get into a state.
	UnreachableState Code = "HX0731"
	// FinalState: a state has no way out, or has one though it is final.
	FinalState Code = "HX0732"
	// UnknownWay: a process is bound to a transition that does not exist.
	UnknownWay Code = "HX0733"
	// Cascade: processes start each other.
	Cascade Code = "HX0734"
	// BadTransaction: a transaction that is not supported.
	BadTransaction Code = "HX0735"
	// PipesUnused: pipes in a System with state machines.
	PipesUnused Code = "HX0736"
)

var codes07 = register(
	Entry{
		Code: UnknownProcess, Rule: "unknown-process", Severity: Error,
		Summary: `a pipe, a handler or an output names a process that does not exist`,
		Detail:  `The processes of a System are the entries of ` + "`" + `spec.processes` + "`" + `. What reads or starts one must name it exactly.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: reprot
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: PipeCycle, Rule: "process-cycle", Severity: Error,
		Summary: `processes wait for each other`,
		Detail:  `A process starts when all processes that pipes lead from have ended. In a cycle none of them ever could.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
    - from: report
      to: fetch
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: MissingPipeline, Rule: "missing-pipeline", Severity: Error,
		Summary: `` + "`" + `exec` + "`" + ` leads to no pipeline`,
		Detail:  `` + "`" + `exec` + "`" + ` is a path relative to the file that it stands in, inside of the workspace: ` + "`" + `./research.yaml` + "`" + `, ` + "`" + `./all.yaml#research` + "`" + ` where a file holds several pipelines, or ` + "`" + `#research` + "`" + ` for one of the same file.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: ./nowhere.yaml
  pipes:
    - from: fetch
      to: report
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: BadPipeline, Rule: "bad-pipeline", Severity: Warning,
		Summary:   `a process's pipeline has errors`,
		Detail:    `What a System says about a process can only be checked if its pipeline is sound. ` + "`" + `hexc check` + "`" + ` of the pipeline's file shows its errors; ` + "`" + `hexc build` + "`" + ` and ` + "`" + `hexc run` + "`" + ` need it without any.`,
		NoExample: `the pipeline's own errors are reported beside it`,
	},
	Entry{
		Code: DuplicateProcess, Rule: "duplicate-process", Severity: Error,
		Summary: `two processes have the same name`,
		Detail:  `A process is known by its name in pipes, mappings, results and events.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    - name: fetch
      exec: "#fetch"
    - name: fetch
      exec: "#report"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    - name: fetch
      exec: "#fetch"
    - name: report
      exec: "#report"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: NotUpstream, Rule: "not-upstream", Severity: Error,
		Summary: `a process reads one that need not have ended before it`,
		Detail:  `A mapping can read the processes that pipes lead from, directly or through others: those have ended when the process starts.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
      input:
        facts: "{{ report.line.text }}"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
      input:
        facts: "{{ fetch.page.text }}"
  pipes:
    - from: fetch
      to: report
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: UnknownProcessField, Rule: "unknown-process-field", Severity: Error,
		Summary: `a mapping reads a node or an output that a process does not have`,
		Detail:  `Behind a process's name stands a node of its pipeline, a name of the pipeline's ` + "`" + `output` + "`" + `, or ` + "`" + `output` + "`" + ` for all of it: ` + "`" + `{{ research.summary.text }}` + "`" + `, ` + "`" + `{{ research.output.facts }}` + "`" + `, ` + "`" + `{{ research.facts }}` + "`" + `.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.pages.text }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page.text }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
	},
	Entry{
		Code: AmbiguousProcessField, Rule: "ambiguous-process-field", Severity: Error,
		Summary: `a name behind a process's name means both a node and an output`,
		Detail:  `` + "`" + `PROCESS.NAME` + "`" + ` is a node of the process's pipeline or a name of its ` + "`" + `output` + "`" + `. Where both are there and are not the same, ` + "`" + `PROCESS.nodes.NAME` + "`" + ` and ` + "`" + `PROCESS.outputs.NAME` + "`" + ` say which is meant.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
    - kind: data_node
      metadata:
        name: other
      spec:
        output:
          text: world
  output:
    page: other.text
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.outputs.page }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
    - kind: data_node
      metadata:
        name: other
      spec:
        output:
          text: world
  output:
    page: other.text
---
kind: Pipeline
metadata:
  name: report
spec:
  nodes:
    - kind: data_node
      metadata:
        name: line
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: MissingProcessInput, Rule: "missing-process-input", Severity: Error,
		Summary: `nothing gives a process an input that it needs`,
		Detail:  `A process gets the System's input, its own ` + "`" + `input` + "`" + ` over it, and what its pipes map over that. The System declares its input, and none of the three has the field.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
  input_schema:
    topic: str
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page.text }}"
  input_schema:
    topic: str
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
	},
	Entry{
		Code: MappingType, Rule: "process-input-type", Severity: Error,
		Summary: `a process gets a value that its input cannot take`,
		Detail:  `The pipeline's ` + "`" + `input_schema` + "`" + `, or the process's own, declares another type than that of what is mapped, and no conversion leads from one to the other.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page.text }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
	},
	Entry{
		Code: DuplicateTarget, Rule: "duplicate-target", Severity: Error,
		Summary: `two pipes give a process the same input`,
		Detail:  `Which of the two would hold is not said anywhere.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    again:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page.text }}"
    - from: again
      to: report
      mapping:
        facts: "{{ again.page.text }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    again:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page.text }}"
    - from: again
      to: report
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
	},
	Entry{
		Code: UndeclaredTarget, Rule: "undeclared-target", Severity: Warning,
		Summary: `a process gets an input that it does not declare`,
		Detail:  `The pipeline's ` + "`" + `input_schema` + "`" + `, or the process's own, has no such field. The value is given all the same, but most often the name is misspelt.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        fact: "{{ fetch.page.text }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#report"
  pipes:
    - from: fetch
      to: report
      mapping:
        facts: "{{ fetch.page.text }}"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
---
kind: Pipeline
metadata:
  name: report
spec:
  input_schema:
    facts: str
  nodes:
    - kind: expression_node
      metadata:
        name: line
      spec:
        expressions:
          text: $input.facts
`,
	},
	Entry{
		Code: NoProcesses, Rule: "no-processes", Severity: Warning,
		Summary: `a System without processes does nothing`,
		Detail:  `Each entry of ` + "`" + `spec.processes` + "`" + ` names a pipeline to run.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes: {}
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: BadProcessName, Rule: "process-name", Severity: Warning,
		Summary: `a process's name cannot be written in a mapping`,
		Detail:  `Mappings read a process by its name: letters, digits and underscores, with hyphens in between, and not one of the words that expressions use themselves.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    "fetch it":
      exec: "#fetch"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch-it:
      exec: "#fetch"
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: BadCron, Rule: "bad-cron", Severity: Error,
		Summary: `a cron expression cannot be read, or never comes`,
		Detail:  `It has five fields (minute, hour, day of the month, month, day of the week), or six with seconds first, or is one of ` + "`" + `@hourly` + "`" + `, ` + "`" + `@daily` + "`" + `, ` + "`" + `@weekly` + "`" + `, ` + "`" + `@monthly` + "`" + `, ` + "`" + `@yearly` + "`" + `.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: schedule
    cron: 0 25 * * *
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: schedule
    cron: 0 5 * * *
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: UnknownTimezone, Rule: "unknown-timezone", Severity: Error,
		Summary: `there is no such time zone`,
		Detail:  `Time zones have the names of the IANA database. The zone of the machine (` + "`" + `Local` + "`" + `) is none: a schedule means the same everywhere.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: schedule
    cron: 0 5 * * *
    timezone: Europe/Berlni
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: schedule
    cron: 0 5 * * *
    timezone: Europe/Berlin
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: BadTopic, Rule: "bad-topic", Severity: Error,
		Summary: `a topic cannot be subscribed to`,
		Detail:  `A topic is one or more parts with dots in between; ` + "`" + `*` + "`" + ` stands for any one part.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: event
    topics: [orders..created]
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: event
    topics: [orders.created]
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: InitSetting, Rule: "init-setting", Severity: Error,
		Summary: `settings of ` + "`" + `init` + "`" + ` contradict each other, or give the System what it cannot take`,
		Detail:  `What a setting says would have no effect or could not be kept next to another one.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: schedule
    every: 5m
    jitter: 10m
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: schedule
    every: 5m
    jitter: 1m
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: InitName, Rule: "init-name", Severity: Error,
		Summary: `an expression of ` + "`" + `init` + "`" + ` reads what is not there`,
		Detail:  `` + "`" + `filter` + "`" + `, ` + "`" + `mapping` + "`" + ` and ` + "`" + `dedupe_key` + "`" + ` see the event: ` + "`" + `topic` + "`" + ` and ` + "`" + `payload` + "`" + `. ` + "`" + `input` + "`" + ` is constant.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: event
    topics: [orders.created]
    filter: order.total > 5
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  init:
    type: event
    topics: [orders.created]
    filter: payload.total > 5
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: UnreachableState, Rule: "unreachable-state", Severity: Warning,
		Summary: `no entity can get into a state`,
		Detail:  `No transition leads there from the initial state.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
        LOST: [CLOSED]
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED, LOST]
        CLOSED: []
        LOST: [CLOSED]
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: FinalState, Rule: "final-state", Severity: Warning,
		Summary: `a state has no way out and is not said to be final, or the other way round`,
		Detail:  `` + "`" + `STATE: []` + "`" + ` under ` + "`" + `transitions` + "`" + `, or ` + "`" + `terminal: true` + "`" + ` under ` + "`" + `states` + "`" + `, says that a state is final.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: UnknownWay, Rule: "unknown-transition", Severity: Error,
		Summary: `a process is bound to a transition that does not exist`,
		Detail:  `` + "`" + `on_transition` + "`" + ` names a way that the state machines have: ` + "`" + `"OPEN -> CLOSED"` + "`" + `.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
  on_transition:
    "CLOSED -> OPEN": fetch
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
  on_transition:
    "OPEN -> CLOSED": fetch
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: Cascade, Rule: "cascade", Severity: Warning,
		Summary: `processes start each other`,
		Detail:  `Each changes the state of an entity, which starts the next. A run ends a cascade at a depth of 10.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
  states:
    CLOSED:
      on_enter: fetch
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: transition
      metadata:
        name: close
      spec:
        entity: ticket
        entity_id: "1"
        to_state: CLOSED
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
  states:
    CLOSED:
      on_enter: fetch
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: BadTransaction, Rule: "transaction", Severity: Error,
		Summary: `a transaction that is not supported`,
		Detail:  `` + "`" + `unified` + "`" + ` puts an entity back into the state that it had when the process that its transition started fails. It is the default.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
  transaction: saga
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
  transaction: unified
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
	Entry{
		Code: PipesUnused, Rule: "pipes-unused", Severity: Warning,
		Summary: `pipes have no effect in a System with state machines`,
		Detail:  `With ` + "`" + `state_machines` + "`" + `, transitions start the processes, each with the payload of its transition.`,
		Bad: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
    report:
      exec: "#fetch"
  pipes:
    - from: fetch
      to: report
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
		Good: `kind: System
metadata:
  name: example
spec:
  processes:
    fetch:
      exec: "#fetch"
  state_machines:
    ticket:
      initial: OPEN
      transitions:
        OPEN: [CLOSED]
        CLOSED: []
---
kind: Pipeline
metadata:
  name: fetch
spec:
  nodes:
    - kind: data_node
      metadata:
        name: page
      spec:
        output:
          text: hello
`,
	},
)
