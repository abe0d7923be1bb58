//go:build !front

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"hexdag.dev/hexdag/internal/cli"
	"hexdag.dev/hexdag/lang/expr"
	"hexdag.dev/hexdag/lang/ir"
	"hexdag.dev/hexdag/lang/value"
)

// runInput is the input that --input and -i give: the fields of -i win.
func runInput(a *cli.App, p *ir.Program, text string, fields []string) (value.Value, error) {
	input := value.NewObject(len(fields))
	if text != "" {
		v, err := inputDocument(a, "--input", text)
		if err != nil {
			return value.Null, err
		}
		if !v.IsNull() {
			o, ok := v.Object()
			if !ok {
				return value.Null, cli.Usagef("the input is no object").Or("write --input '{\"KEY\": VALUE}'")
			}
			input = o.Clone()
		}
	}
	if len(fields) == 0 {
		if text == "" {
			return value.Null, nil
		}
		return input.Value(), nil
	}
	declared, err := inputType(p)
	if err != nil {
		return value.Null, err
	}
	for _, f := range fields {
		key, text, ok := strings.Cut(f, "=")
		if !ok || key == "" {
			return value.Null, cli.Usagef("-i %q has no value", f).Or("write -i KEY=VALUE")
		}
		v, err := fieldValue(declared, key, text)
		if err != nil {
			return value.Null, err
		}
		input.Set(key, v)
	}
	return input.Value(), nil
}

// inputDocument reads what --input, or another flag, names.
func inputDocument(a *cli.App, what, text string) (value.Value, error) {
	data := []byte(text)
	if path, ok := strings.CutPrefix(text, "@"); ok || text == "-" {
		if text == "-" {
			path, what = "-", "standard input"
		} else {
			what = path
		}
		var err error
		if data, err = readInput(a, path); err != nil {
			return value.Null, err
		}
	}
	v, err := value.ParseJSON(data, value.JSONLimits{})
	if err == nil {
		return v, nil
	}
	reason := err.Error()
	var fault *value.Error
	if errors.As(err, &fault) {
		reason = strings.TrimPrefix(fault.Msg, "invalid JSON: ")
		if fault.Offset >= 0 {
			reason += fmt.Sprintf(" at byte %d", fault.Offset)
		}
	}
	e := cli.Usagef("%s is not JSON: %s", what, reason)
	if what == "--input" {
		e.Help = "quote it for your shell, or write --input @FILE"
		if _, statErr := os.Stat(text); statErr == nil {
			e.Help = fmt.Sprintf("write --input @%s to read the file", text)
		}
	}
	return value.Null, e
}

// inputType is the declared type of the run's input; nil if none is declared.
func inputType(p *ir.Program) (*expr.Type, error) {
	if len(p.InputSchema) == 0 {
		return nil, nil
	}
	return expr.DecodeType(p.InputSchema)
}

// fieldValue reads the text of a field: as text where the schema takes text, else
// as JSON that fits the schema. A field that is not declared is JSON if it can
// be, else text.
func fieldValue(declared *expr.Type, key, text string) (value.Value, error) {
	if declared == nil {
		return guess(text), nil
	}
	field, ok := declared.Field(key)
	if !ok || field.Type.IsAny() {
		return guess(text), nil
	}
	asText := value.String(text)
	if len(field.Type.Check(asText)) == 0 {
		return asText, nil
	}
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if err != nil {
		v = asText
	}
	v, wrong := field.Type.Coerce(v)
	if len(wrong) > 0 {
		e := cli.Usagef("-i %s=%s does not fit the input schema: %s", key, text, wrong[0].String())
		if err != nil {
			e = e.Or("write the value as JSON")
		}
		return value.Null, e
	}
	return v, nil
}
