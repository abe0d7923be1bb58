package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"hexdag.dev/hexdag/lang/diag/render"
	"hexdag.dev/hexdag/lang/suggest"
)

// choice is a flag with a closed set of values.
type choice struct {
	value   *string
	choices []string
}

// Choice defines a flag whose value is one of choices and is set to value
// before the flags are parsed.
func Choice(fs *pflag.FlagSet, p *string, name, value, usage string, choices ...string) {
	*p = value
	fs.Var(&choice{p, choices}, name, usage+": "+strings.Join(choices, ", "))
}

func (c *choice) String() string { return *c.value }
func (c *choice) Type() string   { return "NAME" }

func (c *choice) Set(s string) error {
	if slices.Contains(c.choices, s) {
		*c.value = s
		return nil
	}
	help := "choose one of " + strings.Join(c.choices, ", ")
	if near := suggest.Best(s, c.choices); near != "" {
		help = fmt.Sprintf("did you mean %q?", near)
	}
	return errors.New(help)
}

// FormatFlag gives a command the flag --format with these formats, the default
// first, and completion for it. Without formats they are those of findings.
func FormatFlag(c *cobra.Command, a *App, formats ...string) {
	if len(formats) == 0 {
		for _, f := range render.Formats {
			formats = append(formats, string(f))
		}
	}
	v := formats[0]
	Choice(c.Flags(), &v, "format", formats[0], "how to write the result", formats...)
	CompleteFlag(c, "format", formats)
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		a.Format = v
		if before != nil {
			return before(c, args)
		}
		return nil
	}
}

// CompleteFlag completes a flag's value from a list.
func CompleteFlag(c *cobra.Command, name string, values []string) {
	err := c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag is not defined, or twice: a bug
	}
}

// flagError says what is wrong with a flag, and what was meant.
func flagError(root, c *cobra.Command, err error, args []string) error {
	if c.HasSubCommands() {
		// An unknown command is parsed as an argument of its parent, whose flags
		// are not those that the user had in mind.
		if name := firstArgument(c, args); name != "" {
			return UnknownCommand(c, name)
		}
	}
	var missing *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	var noValue *pflag.ValueRequiredError
	switch {
	case errors.As(err, &missing):
		dashes := "--"
		if missing.GetSpecifiedShortnames() != "" {
			dashes = "-"
		}
		e := Usagef("unknown flag %q", dashes+missing.GetSpecifiedName()).Or("`%s --help` lists the flags", c.CommandPath())
		if near := suggest.Best(missing.GetSpecifiedName(), flagNames(c)); near != "" && dashes == "--" {
			e.Help = fmt.Sprintf("did you mean \"--%s\"?", near)
		}
		return e
	case errors.As(err, &noValue):
		return Usagef("the flag --%s needs a value", noValue.GetFlag().Name).Or("`%s --help` describes it", c.CommandPath())
	case errors.As(err, &invalid):
		reason := invalid.Unwrap().Error()
		return Usagef("%q is no value of --%s", invalid.GetValue(), invalid.GetFlag().Name).Or("%s", reason)
	}
	return Usagef("%s", err.Error()).Or("`%s --help` lists the flags", c.CommandPath())
}

func flagNames(c *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	c.LocalFlags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return names
}

// firstArgument is the first argument behind c's own path that is no flag.
func firstArgument(c *cobra.Command, args []string) string {
	depth := len(strings.Fields(c.CommandPath())) - 1
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--":
			return ""
		case strings.HasPrefix(arg, "-") && arg != "-":
			if takesValue(c, arg) {
				i++
			}
		case depth > 0:
			depth--
		default:
			return arg
		}
	}
	return ""
}

// takesValue reports whether arg is a known flag whose value is the next
// argument.
func takesValue(c *cobra.Command, arg string) bool {
	if strings.Contains(arg, "=") {
		return false
	}
	var f *pflag.Flag
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		f = lookup(c, func(fs *pflag.FlagSet) *pflag.Flag { return fs.Lookup(name) })
	} else if len(arg) == 2 {
		f = lookup(c, func(fs *pflag.FlagSet) *pflag.Flag { return fs.ShorthandLookup(arg[1:]) })
	}
	return f != nil && f.NoOptDefVal == ""
}

func lookup(c *cobra.Command, find func(*pflag.FlagSet) *pflag.Flag) *pflag.Flag {
	if f := find(c.Flags()); f != nil {
		return f
	}
	return find(c.InheritedFlags())
}

// UnknownCommand is the error for a command that c does not have.
func UnknownCommand(c *cobra.Command, name string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	e := Usagef("unknown command %q", strings.TrimSpace(c.CommandPath()+" "+name)).Or("`%s --help` lists the commands", c.CommandPath())
	if near := suggest.Best(name, names); near != "" {
		e.Help = fmt.Sprintf("did you mean %q?", c.CommandPath()+" "+near)
	}
	return e
}

// Group makes c a command that only holds others: alone it shows its help, with
// an unknown command it fails.
func Group(c *cobra.Command) *cobra.Command {
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return UnknownCommand(c, args[0])
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

// Args checks the number of arguments; most < 0 means any number. what names
// them as the usage line does.
func Args(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return Usagef("`%s` needs %s", c.CommandPath(), what).Or("`%s --help` shows examples", c.CommandPath())
		case most == 0 && len(args) > 0:
			return Usagef("`%s` takes no arguments, but got %q", c.CommandPath(), args[0]).Or("`%s --help` shows its usage", c.CommandPath())
		case most >= 0 && len(args) > most:
			return Usagef("`%s` takes %s, but got %q as well", c.CommandPath(), what, args[most]).Or("`%s --help` shows its usage", c.CommandPath())
		}
		return nil
	}
}
