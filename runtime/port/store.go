package port

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
)

// Store keeps values by key: the ports memory and data_store. Keys are UTF-8
// text of 1 to MaxKey bytes without NUL; values are JSON values and come back equal,
// with the order of their fields and integers of any size. A read that follows a
// write of the same process sees it. All methods are called concurrently.
type Store interface {
	Adapter
	// Get is the value under key; ok is false if there is none, or if it has
	// expired.
	Get(ctx context.Context, key string) (v value.Value, ok bool, err error)
	// Set puts v under key. A ttl over 0 makes it expire after that time, 0 lets it
	// stay.
	Set(ctx context.Context, key string, v value.Value, ttl time.Duration) error
	// Delete removes what is under key and tells whether there was something.
	Delete(ctx context.Context, key string) (existed bool, err error)
	// Keys are the keys that start with prefix, sorted by their bytes; expired
	// ones are not among them. At most MaxKeys are listed; more is an error.
	Keys(ctx context.Context, prefix string) ([]string, error)
}

// Bounds of a Store.
const (
	MaxKey  = 1024
	MaxKeys = 100_000
)

// CheckKey is an error for what is no key of a Store.
func CheckKey(key string) error {
	switch {
	case key == "":
		return Errorf(ClassInvalidInput, "a key must not be empty")
	case len(key) > MaxKey:
		return Errorf(ClassInvalidInput, "a key may have %d bytes, and %.40q… has %d", MaxKey, key, len(key))
	}
	if strings.IndexByte(key, 0) >= 0 || !utf8.ValidString(key) {
		return Errorf(ClassInvalidInput, "a key must be UTF-8 without NUL")
	}
	return nil
}

// Database runs SQL: the ports database and, where the store is one, data_store.
type Database interface {
	Adapter
	// Query runs one statement. Its parameters are written as the database writes
	// them (? in SQLite, $1 in PostgreSQL); args are never put into the text. The
	// result has the rows as objects, in the order of the columns, at most MaxRows:
	// more is an error. It is called concurrently.
	Query(ctx context.Context, statement string, args []value.Value) (*QueryResult, error)
}

// MaxRows bounds the rows of a query.
const MaxRows = 100_000

// QueryResult is what a statement gave.
type QueryResult struct {
	Columns []string
	Rows    []value.Value
	// Affected is the number of rows that the statement changed.
	Affected int64
}
