package value

import (
	"errors"
	"fmt"
)

// ErrorKind is the Python exception class that an Error stands for.
type ErrorKind uint8

// Error kinds. LimitError has no counterpart in Python: the operation would
// have gone beyond one of this package's bounds.
const (
	TypeError ErrorKind = iota + 1
	ValueError
	ZeroDivisionError
	OverflowError
	IndexError
	KeyError
	LimitError
	// InvalidOperation is decimal.InvalidOperation: a Decimal operation without
	// a result (infinity minus infinity, more digits than the context holds).
	InvalidOperation
)

var errorKindNames = [...]string{
	TypeError:         "TypeError",
	ValueError:        "ValueError",
	ZeroDivisionError: "ZeroDivisionError",
	OverflowError:     "OverflowError",
	IndexError:        "IndexError",
	KeyError:          "KeyError",
	LimitError:        "LimitError",
	InvalidOperation:  "InvalidOperation",
}

// String is the name of the Python class, or LimitError.
func (k ErrorKind) String() string {
	if int(k) < len(errorKindNames) && errorKindNames[k] != "" {
		return errorKindNames[k]
	}
	return fmt.Sprintf("ErrorKind(%d)", uint8(k))
}

// Error is why an operation on values has no result. Messages are worded as
// CPython words them. They name types, sizes and keys, and never quote a
// secret, because secrets are never values.
type Error struct {
	Kind ErrorKind
	Msg  string
	// Offset is the byte offset in the input, for ParseJSON and DecodeCBOR;
	// -1 otherwise.
	Offset int
}

// Error is "Kind: message".
func (e *Error) Error() string { return e.Kind.String() + ": " + e.Msg }

// Is reports whether err is an *Error of the kind.
func Is(err error, kind ErrorKind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

func errorf(kind ErrorKind, format string, args ...any) error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...), Offset: -1}
}

func typeErrorf(format string, args ...any) error  { return errorf(TypeError, format, args...) }
func valueErrorf(format string, args ...any) error { return errorf(ValueError, format, args...) }
func limitErrorf(format string, args ...any) error { return errorf(LimitError, format, args...) }
