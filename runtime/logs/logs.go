// Package logs writes what happens in runs as structured log records.
//
// Input: the logging settings of a program (Of), or of the operator, and the
// events of runs. Output: one log/slog record for each event that somebody who
// reads logs wants to see, with the run, the process and the node it is about; as
// text for people, as JSON lines, or both.
//
// Invariants: records hold no secret, since events hold none, and no prompt,
// answer, input or output of a node: those are data, which --events writes; a log
// that cannot be written disturbs no run, and is reported once by Close; one record
// is one line, whatever an error's text holds.
//
// The three hardest cases: two sinks of which one fails; a file that a manifest
// names, which must stay below the folder that the operator gives; levels, which
// say how much a person has to know, not how an event came about.
package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// Format is the form of a log.
type Format string

// Formats.
const (
	Text Format = "text" // for people: key=value
	JSON Format = "json" // one JSON object a line
)

// Critical is the level over slog.LevelError: only what ends a run.
const Critical = slog.LevelError + 4

// Config says what is logged, where and how. The zero value logs text from Info on
// to Writer.
type Config struct {
	Level  slog.Level
	Format Format
	// File is written besides (Dual) or in place of Writer, "" for none. It is a
	// path below Dir that does not leave it, and is appended to.
	File string
	Dir  string
	// Dual writes text to Writer and JSON to File.
	Dual bool
	// NoTime leaves the time of each record out.
	NoTime bool
	// NoCauses leaves the chain of causes of an error out.
	NoCauses bool
}

// Of is what a program says about its log; ok is false if it says nothing.
func Of(p *ir.Program) (c Config, ok bool, err error) {
	c.Format = JSON
	for _, s := range p.Effective.Logging {
		ok = true
		text, _ := s.Value.AsString()
		on, _ := s.Value.AsBool()
		switch s.Name {
		case "level":
			if c.Level, err = ParseLevel(text); err != nil {
				return c, ok, err
			}
		case "format":
			switch text {
			case "dual":
				c.Dual = true
			default:
				if c.Format, err = ParseFormat(text); err != nil {
					return c, ok, err
				}
			}
		case "output_file":
			c.File = text
		case "dual_sink":
			c.Dual = c.Dual || on
		case "include_timestamp":
			c.NoTime = !on
		case "backtrace":
			c.NoCauses = !on
		}
	}
	if c.Dual && c.File == "" {
		return c, ok, errors.New("logging writes to two places, and output_file does not say which the second is")
	}
	return c, ok, nil
}

// ParseLevel reads the name of a level, in any case: debug, info, warning (or warn),
// error, critical.
func ParseLevel(name string) (slog.Level, error) {
	switch strings.ToLower(name) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warning", "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	case "critical":
		return Critical, nil
	}
	return 0, fmt.Errorf("%q is no level of a log: there are debug, info, warning, error and critical", name)
}

// ParseFormat reads the name of a format: text (or console, rich), json (or
// structured).
func ParseFormat(name string) (Format, error) {
	switch strings.ToLower(name) {
	case "text", "console", "rich":
		return Text, nil
	case "json", "structured":
		return JSON, nil
	}
	return "", fmt.Errorf("%q is no format of a log: there are text and json", name)
}

// Open makes a log. w takes what is not written to a file. Close it after the last
// run.
func Open(c Config, w io.Writer) (*Log, error) {
	l := &Log{noCauses: c.NoCauses}
	if c.File != "" {
		if !filepath.IsLocal(c.File) {
			return nil, fmt.Errorf("the log file %q is not below the working directory", c.File)
		}
		// A root follows no link out of the folder.
		root, err := os.OpenRoot(orDot(c.Dir))
		if err != nil {
			return nil, err
		}
		defer func() { _ = root.Close() }()
		f, err := root.OpenFile(c.File, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("cannot open the log file: %w", err)
		}
		l.file = f
	}
	options := &slog.HandlerOptions{Level: c.Level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey:
			if c.NoTime {
				return slog.Attr{}
			}
			return slog.Time(a.Key, a.Value.Time().UTC())
		case slog.LevelKey:
			if level, ok := a.Value.Any().(slog.Level); ok && level >= Critical {
				return slog.String(a.Key, "CRITICAL")
			}
		}
		return a
	}}
	handler := func(f Format, to io.Writer) slog.Handler {
		to = &sink{to: to, log: l}
		if f == JSON {
			return slog.NewJSONHandler(to, options)
		}
		return slog.NewTextHandler(to, options)
	}
	switch {
	case c.Dual && l.file != nil:
		l.handlers = []slog.Handler{handler(Text, w), handler(JSON, l.file)}
	case l.file != nil:
		l.handlers = []slog.Handler{handler(c.Format, l.file)}
	default:
		l.handlers = []slog.Handler{handler(c.Format, w)}
	}
	return l, nil
}

func orDot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// Log is an observer (event.Observer). It is safe for concurrent use.
type Log struct {
	handlers []slog.Handler
	file     *os.File
	noCauses bool

	mu  sync.Mutex
	err error // the first fault of a sink
}

// sink is a writer whose first fault is kept.
type sink struct {
	to  io.Writer
	log *Log
}

func (s *sink) Write(b []byte) (int, error) {
	n, err := s.to.Write(b)
	if err != nil {
		s.log.mu.Lock()
		if s.log.err == nil {
			s.log.err = fmt.Errorf("the log is not complete: %w", err)
		}
		s.log.mu.Unlock()
	}
	return n, err
}

// Close closes the log's file and returns the first fault of writing.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.err
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	return err
}

func (l *Log) write(at time.Time, level slog.Level, message string, attrs []slog.Attr) {
	for _, h := range l.handlers {
		if !h.Enabled(context.Background(), level) {
			continue
		}
		r := slog.NewRecord(at, level, message, 0)
		r.AddAttrs(attrs...)
		_ = h.Handle(context.Background(), r) // sink keeps the fault
	}
}

// plain is a value as an attribute's: numbers and truth values as such, the rest as
// text.
func plain(v value.Value) slog.Value {
	switch v.Kind() {
	case value.KindInt:
		if n, ok := v.AsInt(); ok {
			return slog.Int64Value(n)
		}
	case value.KindFloat:
		f, _ := v.AsFloat()
		return slog.Float64Value(f)
	case value.KindBool:
		b, _ := v.AsBool()
		return slog.BoolValue(b)
	}
	return slog.StringValue(value.Str(v))
}
