package sqlite

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hexdag.dev/hexdag/runtime/journal"
)

// old makes a store as an older version left it: the first n migrations, and what
// fill adds.
func old(t *testing.T, n int, fill func(*sql.DB)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "runs.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range migrations[:n] {
		if _, err := db.Exec(m); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", n, applicationID)); err != nil {
		t.Fatal(err)
	}
	fill(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOlderStoresAreMigrated opens a store of version 1, from before signals, and
// goes on with a run in it.
func TestOlderStoresAreMigrated(t *testing.T) {
	big := bytes.Repeat([]byte("b"), journal.MaxInline+1)
	path := old(t, 1, func(db *sql.DB) {
		for _, q := range []struct {
			text string
			args []any
		}{
			{`INSERT INTO runs VALUES('done', '', 'p', 'Pipeline', 'sha256:1', 1, 'completed', '', 1, 0, 10, 20, 0, 0, NULL, 1, '{}')`, nil},
			{`INSERT INTO runs VALUES('waits', '', 'p', 'Pipeline', 'sha256:1', 1, 'suspended', '', 3, 0, 11, 0, 30, 0, x'f6', 2, NULL)`, nil},
			{`INSERT INTO events VALUES('waits', 1, 5, 0, 'RunStarted', '', x'01', NULL, -1)`, nil},
			{`INSERT INTO events VALUES('waits', 2, 6, 1, 'Settled', 'a#1', NULL, x'aa', 7)`, nil},
			{`INSERT INTO blobs VALUES(x'aa', 1, ?, ?)`, []any{len(big), big}},
			{`INSERT INTO programs VALUES('sha256:1', x'00')`, nil},
		} {
			if _, err := db.Exec(q.text, q.args...); err != nil {
				t.Fatal(err)
			}
		}
	})
	s := open(t, path)
	runs, err := s.List(t.Context(), journal.Filter{})
	if err != nil || len(runs) != 2 {
		t.Fatalf("the store has %d runs (%v)", len(runs), err)
	}
	dup, err := s.Send(t.Context(), journal.Signal{ID: "s", Run: "waits", Key: "k", Body: []byte{0xf6}, At: time.Unix(1, 0)})
	if dup || err != nil {
		t.Fatalf("a signal gives %v, %v", dup, err)
	}
	l, err := s.Open(t.Context(), "waits")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, entries, err := l.Latest(t.Context())
	if err != nil || len(entries) != 2 || entries[0].Digest != 1<<64-1 || !bytes.Equal(entries[1].Body, big) {
		t.Errorf("the records are %d (%v)", len(entries), err)
	}
	inbox, err := l.Inbox(t.Context())
	if err != nil || len(inbox) != 1 || inbox[0].Key != "k" {
		t.Errorf("the inbox has %v (%v)", inbox, err)
	}
	done := make(chan error, 1)
	l.Commit(journal.Commit{Entries: []journal.Entry{{Seq: 3, Kind: "SignalArrived", Body: []byte{1}}}, Taken: []string{"s"}}, func(err error) { done <- err })
	if err := <-done; err != nil {
		t.Error(err)
	}
	var version int
	if err := s.read.QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != len(migrations) {
		t.Errorf("the version is %d (%v)", version, err)
	}
	var wrong int
	if err := s.read.QueryRow("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").Scan(&wrong); err != nil || wrong != 0 {
		t.Errorf("%d faults in the file (%v)", wrong, err)
	}
}

// TestAMigrationThatFailsChangesNothing: a store in which the tables of the next
// version stand already is no store of ours; it stays as it was.
func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	path := old(t, 1, func(db *sql.DB) {
		if _, err := db.Exec("CREATE TABLE inbox(x)"); err != nil {
			t.Fatal(err)
		}
	})
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil {
		t.Fatal("it was opened")
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed (%v)", err)
	}
}

// TestTheGuideNamesEveryColumn holds docs/journal.md to the schema.
func TestTheGuideNamesEveryColumn(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(guide)
	if want := fmt.Sprintf("the version of the schema, now %d.", len(migrations)); !strings.Contains(text, want) {
		t.Errorf("the guide does not say %q", want)
	}
	s := open(t, filepath.Join(t.TempDir(), "runs.db"))
	rows, err := s.read.Query("SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		n++
		if !strings.Contains(text, "**"+table+"**") {
			t.Errorf("the guide lacks the table %s", table)
		}
		if column != "run" && column != "seq" && !strings.Contains(text, "`"+column+"`") && !(table == "inbox" && column == "id") && !(table == "snapshots" && column == "body") {
			t.Errorf("the guide lacks %s.%s", table, column)
		}
	}
	if err := rows.Err(); err != nil || n < 40 {
		t.Errorf("the schema has %d columns (%v)", n, err)
	}
}
