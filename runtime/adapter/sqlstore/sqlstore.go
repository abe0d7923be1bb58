// Package sqlstore is a store and a database behind database/sql: what the adapters
// of SQLite and PostgreSQL have in common.
//
// Input: a database and its dialect. Output: a port.Store in one table, and a
// port.Database.
//
// Invariants: keys, values and arguments never become part of a statement's text; a
// query is one statement; its rows are bounded.
//
// The three hardest cases: types of columns that have no JSON; a second statement
// behind the first; errors that repeat a connection's password.
package sqlstore

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

// Dialect is how a database differs.
type Dialect struct {
	// Service names it in errors.
	Service string
	// Create, Get, Set, Delete and Keys are the statements of the store; they take
	// (key, now), (key, value, expires), (key, now), (prefix, now, limit).
	Create, Get, Set, Delete, Keys string
	// Refuse says why a statement must not run, "" if it may.
	Refuse func(keyword string) string
	// Redact removes secrets from the text of an error.
	Redact func(string) string
}

// Store is a database with a table for the store in it. It is safe for concurrent
// use.
type Store struct {
	db *sql.DB
	d  Dialect

	mu    sync.Mutex
	ready bool // the table is there
}

// New is a store in db, which it closes. Nothing is connected before the first call.
func New(db *sql.DB, d Dialect) *Store { return &Store{db: db, d: d} }

// Class is port.Write.
func (s *Store) Class() port.Class { return port.Write }

// Close closes the database.
func (s *Store) Close(context.Context) error { return s.db.Close() }

func (s *Store) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return port.AsError(ctx.Err())
	}
	text := port.OneLine(err.Error())
	if s.d.Redact != nil {
		text = s.d.Redact(text)
	}
	return &port.Error{Class: "storage", Retryable: true, Message: s.d.Service + " failed: " + text}
}

func (s *Store) table(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return nil
	}
	if _, err := s.db.ExecContext(ctx, s.d.Create); err != nil {
		return s.failure(ctx, err)
	}
	s.ready = true
	return nil
}

// Get is the value under key.
func (s *Store) Get(ctx context.Context, key string) (value.Value, bool, error) {
	if err := errors.Join(port.CheckKey(key)); err != nil {
		return value.Null, false, port.AsError(err)
	}
	if err := s.table(ctx); err != nil {
		return value.Null, false, err
	}
	var text string
	err := s.db.QueryRowContext(ctx, s.d.Get, key, time.Now().UnixNano()).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return value.Null, false, nil
	}
	if err != nil {
		return value.Null, false, s.failure(ctx, err)
	}
	v, err := value.ParseJSON([]byte(text), value.JSONLimits{})
	if err != nil {
		return value.Null, false, port.Errorf(port.ClassInvalidOutput, "the value under %.40q is damaged", key)
	}
	return v, true, nil
}

// Set puts v under key.
func (s *Store) Set(ctx context.Context, key string, v value.Value, ttl time.Duration) error {
	if err := port.CheckKey(key); err != nil {
		return err
	}
	text, err := value.AppendJSON(nil, v)
	if err != nil {
		return port.Errorf(port.ClassInvalidInput, "the value under %.40q has no JSON: %s", key, err)
	}
	if err := s.table(ctx); err != nil {
		return err
	}
	var expires sql.NullInt64
	if ttl > 0 {
		expires = sql.NullInt64{Int64: time.Now().Add(ttl).UnixNano(), Valid: true}
	}
	if _, err := s.db.ExecContext(ctx, s.d.Set, key, string(text), expires); err != nil {
		return s.failure(ctx, err)
	}
	return nil
}

// Delete removes what is under key.
func (s *Store) Delete(ctx context.Context, key string) (bool, error) {
	_, existed, err := s.Get(ctx, key)
	if err != nil {
		return false, err
	}
	res, err := s.db.ExecContext(ctx, s.d.Delete, key)
	if err != nil {
		return false, s.failure(ctx, err)
	}
	n, err := res.RowsAffected()
	return existed && (err != nil || n > 0), nil
}

// Keys are the keys that start with prefix.
func (s *Store) Keys(ctx context.Context, prefix string) ([]string, error) {
	if err := s.table(ctx); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, s.d.Keys, prefix, time.Now().UnixNano(), port.MaxKeys+1)
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	defer rows.Close()
	keys := []string{}
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, s.failure(ctx, err)
		}
		keys = append(keys, key)
	}
	if err := rows.Err(); err != nil {
		return nil, s.failure(ctx, err)
	}
	if len(keys) > port.MaxKeys {
		return nil, port.Errorf(port.ClassInvalidOutput, "more than %d keys start with %.40q", port.MaxKeys, prefix)
	}
	return keys, nil
}

// Query runs one statement.
func (s *Store) Query(ctx context.Context, statement string, args []value.Value) (*port.QueryResult, error) {
	keyword, single := inspect(statement)
	if !single || keyword == "" {
		return nil, port.Errorf(port.ClassInvalidInput, "a query is exactly one statement")
	}
	if why := s.d.Refuse(keyword); why != "" {
		return nil, port.Errorf(port.ClassInvalidInput, "%s is not run: %s", keyword, why)
	}
	in := make([]any, len(args))
	for i, a := range args {
		x, err := toSQL(a)
		if err != nil {
			return nil, port.Errorf(port.ClassInvalidInput, "argument %d of the query has no SQL: %s", i+1, err)
		}
		in[i] = x
	}
	switch keyword {
	case "SELECT", "WITH", "VALUES", "EXPLAIN", "SHOW", "TABLE":
	default:
		if !strings.Contains(strings.ToUpper(statement), "RETURNING") {
			res, err := s.db.ExecContext(ctx, statement, in...)
			if err != nil {
				return nil, s.failure(ctx, err)
			}
			n, err := res.RowsAffected()
			if err != nil {
				n = 0
			}
			return &port.QueryResult{Columns: []string{}, Rows: []value.Value{}, Affected: n}, nil
		}
	}
	rows, err := s.db.QueryContext(ctx, statement, in...)
	if err != nil {
		return nil, s.failure(ctx, err)
	}
	defer rows.Close()
	out := &port.QueryResult{Rows: []value.Value{}}
	if out.Columns, err = rows.Columns(); err != nil {
		return nil, s.failure(ctx, err)
	}
	cells := make([]any, len(out.Columns))
	at := make([]any, len(cells))
	for i := range cells {
		at[i] = &cells[i]
	}
	for rows.Next() {
		if len(out.Rows) == port.MaxRows {
			return nil, port.Errorf(port.ClassInvalidOutput, "the query gives more than %d rows; add a LIMIT", port.MaxRows)
		}
		if err := rows.Scan(at...); err != nil {
			return nil, s.failure(ctx, err)
		}
		row := value.NewObject(len(cells))
		for i, name := range out.Columns {
			v, err := fromSQL(cells[i])
			if err != nil {
				return nil, port.Errorf(port.ClassInvalidOutput, "column %q has a type that is no data: %s", name, err)
			}
			row.Set(name, v)
		}
		out.Rows = append(out.Rows, row.Value())
	}
	if err := rows.Err(); err != nil {
		return nil, s.failure(ctx, err)
	}
	return out, nil
}

func toSQL(v value.Value) (any, error) {
	switch v.Kind() {
	case value.KindBool:
		b, _ := v.AsBool()
		return b, nil
	case value.KindString:
		s, _ := v.AsString()
		return s, nil
	case value.KindInt:
		if n, ok := v.AsInt(); ok {
			return n, nil
		}
		return value.Str(v), nil
	case value.KindFloat:
		f, _ := v.AsFloat()
		return f, nil
	case value.KindDecimal:
		return value.Str(v), nil
	}
	if v.IsNull() || v.IsMissing() {
		return nil, nil
	}
	text, err := value.AppendJSON(nil, v)
	return string(text), err
}

func fromSQL(x any) (value.Value, error) {
	switch x := x.(type) {
	case nil:
		return value.Null, nil
	case time.Time:
		return value.String(x.Format(time.RFC3339Nano)), nil
	case []byte:
		if utf8.Valid(x) {
			return value.String(string(x)), nil
		}
		return value.String(base64.StdEncoding.EncodeToString(x)), nil
	case string:
		return value.String(strings.ToValidUTF8(x, "�")), nil
	case float32:
		return value.Float(float64(x)), nil
	}
	v, err := value.FromGo(x)
	if err != nil {
		return value.Null, fmt.Errorf("%T", x)
	}
	return v, nil
}

// inspect finds the first word of a statement, in capitals, and whether nothing
// follows its end. Comments and quoted text are passed over.
func inspect(text string) (keyword string, single bool) {
	ended := false
	for i := 0; i < len(text); {
		rest := text[i:]
		switch c := text[i]; {
		case strings.HasPrefix(rest, "--"):
			i += lineEnd(rest)
			continue
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				return keyword, false
			}
			i += end + 2
			continue
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case ended:
			return keyword, false
		case c == ';':
			ended = true
			i++
		case c == '\'' || c == '"' || c == '`':
			end := strings.IndexByte(rest[1:], c)
			if end < 0 {
				return keyword, false
			}
			i += end + 2
		case keyword == "" && (c|0x20 >= 'a' && c|0x20 <= 'z'):
			n := 0
			for n < len(rest) && (rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z') {
				n++
			}
			keyword = strings.ToUpper(rest[:n])
			i += n
		case keyword == "" && c == '(':
			i++
		case keyword == "":
			return "", false
		default:
			i++
		}
	}
	return keyword, true
}

func lineEnd(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i + 1
	}
	return len(s)
}
