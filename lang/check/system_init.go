package check

import (
	"strings"
	"time"
	_ "time/tzdata" // time zones are the same on every machine

	"github.com/robfig/cron/v3"

	"hexdag.dev/hexdag/lang/ast"
	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/suggest"
	"hexdag.dev/hexdag/lang/value"
)

// eventNames are what the expressions of an event's start see.
var eventNames = []string{"topic", "payload"}

// start checks what starts the System.
func (c *systemChecker) start() {
	x := c.system.Doc.System.Init
	if x == nil {
		return
	}
	switch x.Type.Name {
	case "schedule":
		c.schedule(x)
	case "continuous":
		c.continuous(x)
	case "event":
		c.event(x)
	}
	in := c.system.Doc.System.Input
	given := map[string]bool{}
	for _, b := range x.Input {
		given[b.Name.Name] = true
		if b.Expr.Mode != ast.Const {
			c.add(diag.New(diag.InitName, b.Expr.Loc, "the input of a start is known when the System is built, and this is not a constant").
				WithHelp("write the value itself; what an event brings is read in init.mapping"))
			continue
		}
		f, declared := systemField(in, b.Name.Name)
		if !declared {
			continue
		}
		if _, wrong := f.Type.Coerce(b.Expr.Const); len(wrong) > 0 {
			c.add(diag.New(diag.InitSetting, b.Expr.Loc, "the System's input %q is %s, and this is %s", b.Name.Name, f.Type, value.Repr(b.Expr.Const)).
				WithHelp("write a value of the type that input_schema declares").WithRelated(in.Loc, "the System's input is declared here"))
		}
	}
	if x.Type.Name != "schedule" && x.Type.Name != "continuous" {
		return
	}
	for _, i := range c.order {
		if i.Required && !i.Supplied && !given[i.Name] && len(i.Uses) > 0 {
			c.add(diag.New(diag.InitSetting, x.Type.Loc, "nobody gives the System its input %q when it is started by %s", i.Name, x.Type.Name).
				WithHelp("set it under init.input").WithRelated(i.Uses[0], "%q is needed here", i.Name))
		}
	}
}

func (c *systemChecker) setting(loc source.Location, help, format string, args ...any) {
	c.add(diag.New(diag.InitSetting, loc, format, args...).WithHelp("%s", help))
}

// from is an arbitrary moment from which schedules are tried: findings do not
// depend on the day.
var from = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func (c *systemChecker) schedule(x *ast.Init) {
	zone := time.UTC
	if name := x.Timezone.Name; name != "" {
		var err error
		if zone, err = time.LoadLocation(name); err != nil || name == "Local" {
			zone = time.UTC
			d := diag.New(diag.UnknownTimezone, x.Timezone.Loc, "there is no time zone %q", name)
			if best := suggest.Best(name, commonZones); best != "" {
				d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: x.Timezone.Loc, NewText: best})
			} else {
				d = d.WithHelp("use a name of the IANA database, such as Europe/Berlin or UTC")
			}
			c.add(d)
		}
		if x.Every != nil {
			c.setting(x.Timezone.Loc, "remove it, or use cron", "a time zone means nothing to `every`, which counts from the start")
		}
	}
	if text := x.Cron.Name; text != "" {
		parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
		switch s, err := parser.Parse(text); {
		case strings.HasPrefix(text, "TZ=") || strings.HasPrefix(text, "CRON_TZ="):
			c.add(diag.New(diag.BadCron, x.Cron.Loc, "a time zone does not belong into the cron expression").WithHelp("write it under init.timezone"))
		case err != nil:
			c.add(diag.New(diag.BadCron, x.Cron.Loc, "%q is no cron expression: %s", text, strings.TrimSuffix(err.Error(), ".")).
				WithHelp("write minute, hour, day of the month, month and day of the week, as in \"30 6 * * mon-fri\"; with six fields the first is the second"))
		case s.Next(from.In(zone)).IsZero():
			c.add(diag.New(diag.BadCron, x.Cron.Loc, "%q never comes", text).WithHelp("no month has this day; correct the day or the month"))
		}
	}
	if x.Every != nil && x.Jitter != nil && x.Jitter.Nanos >= x.Every.Nanos {
		c.setting(x.Jitter.Loc, "make it shorter", "jitter is not shorter than the time between starts, so that starts may come in any order")
	}
}

// commonZones are zones that people misspell.
var commonZones = []string{
	"UTC", "Europe/London", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Vienna", "Europe/Zurich", "Europe/Amsterdam",
	"Europe/Warsaw", "Europe/Kiev", "Europe/Moscow", "Europe/Istanbul", "America/New_York", "America/Chicago", "America/Denver",
	"America/Los_Angeles", "America/Toronto", "America/Sao_Paulo", "America/Mexico_City", "Asia/Tokyo", "Asia/Shanghai", "Asia/Hong_Kong",
	"Asia/Singapore", "Asia/Kolkata", "Asia/Dubai", "Asia/Seoul", "Australia/Sydney", "Pacific/Auckland", "Africa/Johannesburg", "Africa/Cairo",
}

func (c *systemChecker) continuous(x *ast.Init) {
	never := x.Restart.Name == "never"
	if b := x.Backoff; b != nil {
		initial, longest := int64(1e9), int64(300e9)
		if b.Initial != nil {
			initial = b.Initial.Nanos
		}
		if b.Max != nil {
			longest = b.Max.Nanos
		}
		if initial > longest {
			c.setting(b.Loc, "swap them", "the first pause (%s) is longer than the longest (%s)", time.Duration(initial), time.Duration(longest))
		}
		if b.Factor != nil && b.Factor.Float < 1 {
			c.setting(b.Factor.Loc, "use a factor of at least 1", "with this factor the pauses shrink from failure to failure")
		}
		if never {
			c.setting(b.Loc, "remove it, or set restart to on_failure", "backoff means nothing with restart: never")
		}
	}
	if x.MaxRestarts != nil && never {
		c.setting(x.MaxRestarts.Loc, "remove it, or set restart to on_failure", "max_restarts means nothing with restart: never")
	}
	if x.Window != nil && x.MaxRestarts == nil {
		c.setting(x.Window.Loc, "set max_restarts too", "window means nothing without max_restarts")
	}
}

func (c *systemChecker) event(x *ast.Init) {
	seen := map[string]bool{}
	for _, t := range x.Topics {
		bad := ""
		for _, part := range strings.Split(t.Name, ".") {
			switch {
			case part == "":
				bad = "a part of it is empty"
			case part != "*" && strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "":
				bad = "its parts are of letters, digits, underscores and hyphens, or *"
			}
		}
		switch {
		case bad != "":
			c.add(diag.New(diag.BadTopic, t.Loc, "%q is no topic: %s", t.Name, bad).WithHelp("write parts with dots between them, such as orders.created or orders.*"))
		case seen[t.Name]:
			c.add(diag.New(diag.BadTopic, t.Loc, "topic %q is there twice", t.Name).WithHelp("remove one of them").As(diag.Warning))
		}
		seen[t.Name] = true
	}
	c.eventExpr(x.Filter)
	c.eventExpr(x.DedupeKey)
	for _, b := range x.Mapping {
		c.eventExpr(b.Expr)
		in := c.system.Doc.System.Input
		if in == nil || in.Type == nil || len(in.Type.FieldNames()) == 0 {
			continue
		}
		if _, ok := in.Type.Field(b.Name.Name); !ok {
			d := diag.New(diag.UndeclaredTarget, b.Name.Loc, "the System does not declare the input %q", b.Name.Name)
			if best := suggest.Best(b.Name.Name, in.Type.FieldNames()); best != "" {
				d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: b.Name.Loc, NewText: best})
			} else {
				d = d.WithHelp("declare it in the System's input_schema, or remove it here")
			}
			c.add(d.WithRelated(in.Loc, "the System's input is declared here"))
		}
	}
}

// eventExpr checks an expression that sees only the event.
func (c *systemChecker) eventExpr(e *ast.Expr) {
	e.Walk(func(e *ast.Expr) {
		if e.Tree == nil {
			return
		}
		for _, r := range expr.Refs(e.Tree) {
			if !r.Namespace && (r.Head == "topic" || r.Head == "payload") {
				continue
			}
			loc, name := e.Text.Loc(r.HeadSpan), r.Head
			if r.Namespace {
				name = "$" + name
			}
			d := diag.New(diag.InitName, loc, "%q is no part of an event", name)
			if best := suggest.Best(name, eventNames); best != "" {
				d = d.WithHelp("did you mean %q?", best).WithFix("replace with \""+best+"\"", false, diag.Edit{Loc: loc, NewText: best})
			} else {
				d = d.WithHelp("an event has topic and payload: write payload.%s", strings.TrimPrefix(name, "$"))
			}
			c.add(d)
		}
		_, ds := expr.Infer(e.Tree, e.Text, eventScope{})
		c.ds.Append(ds)
	})
}

// eventScope types the names of an event.
type eventScope struct{}

// Lookup implements expr.TypeScope.
func (eventScope) Lookup(head string, _ bool) (*expr.Type, bool) {
	if head == "topic" {
		return expr.Str, true
	}
	return expr.Any, true
}
