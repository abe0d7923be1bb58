package sqlstore

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver

	"hexdag.dev/hexdag/runtime/port"
)

// The names of the adapters of SQLite: the first for the port database, the other
// for memory and data_store; they are the same.
const (
	SQLiteName       = "sqlite"
	SQLiteMemoryName = "sqlite_memory"
)

// NewSQLite is the port.Factory of SQLite.
//
//	path   the file, below the working directory, or ":memory:"; db_path and
//	       database mean the same
//
// Statements that reach other files (ATTACH, VACUUM, PRAGMA) are refused.
func NewSQLite(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	path := c.Text("path", "db_path", "database")
	if path == "" {
		path = ":memory:"
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	dsn := "file:hexdag?mode=memory&cache=private"
	if path != ":memory:" {
		if err := below(path); err != nil {
			return nil, port.Errorf(port.ClassInvalidInput, "port %q cannot use the file %q: %s", spec.Port, path, err)
		}
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, port.Errorf(port.ClassInvalidInput, "port %q cannot use the file %q", spec.Port, path)
		}
		dsn = (&url.URL{Scheme: "file", OmitHost: true, Path: full}).String() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, port.Errorf(port.ClassInvalidInput, "port %q cannot use SQLite: %s", spec.Port, port.OneLine(err.Error()))
	}
	if path == ":memory:" {
		db.SetMaxOpenConns(1) // each connection would have a database of its own
		db.SetConnMaxLifetime(0)
		db.SetMaxIdleConns(1)
	}
	return New(db, Dialect{
		Service: "SQLite",
		Create:  `CREATE TABLE IF NOT EXISTS hexdag_store (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires INTEGER) WITHOUT ROWID`,
		Get:     `SELECT value FROM hexdag_store WHERE key = ? AND (expires IS NULL OR expires > ?)`,
		Set:     `INSERT INTO hexdag_store (key, value, expires) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
		Delete:  `DELETE FROM hexdag_store WHERE key = ?`,
		Keys:    `SELECT key FROM hexdag_store WHERE substr(key, 1, length(?1)) = ?1 AND (expires IS NULL OR expires > ?2) ORDER BY key LIMIT ?3`,
		Refuse: func(keyword string) string {
			switch keyword {
			case "ATTACH", "DETACH", "VACUUM", "PRAGMA":
				return "it reaches beyond this database"
			}
			return ""
		},
	}), nil
}

// below makes sure that a file stands below the working directory, also through
// symbolic links, and that its folder is there.
func below(path string) error {
	root, err := os.OpenRoot(".")
	if err != nil {
		return err
	}
	defer root.Close()
	if dir := filepath.Dir(path); dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return plain(err)
		}
	}
	f, err := root.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return plain(err)
	}
	return f.Close()
}

type reason string

func (r reason) Error() string { return string(r) }

func plain(err error) error {
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return reason(text)
}
