package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// migrations lead from one version of the schema to the next; user_version holds
// how many were applied. Times are nanoseconds since 1970, 0 for none; digests
// are unsigned numbers stored as signed ones.
var migrations = []string{
	`CREATE TABLE runs(
	id TEXT PRIMARY KEY NOT NULL, parent TEXT NOT NULL, program TEXT NOT NULL, kind TEXT NOT NULL,
	ir_hash TEXT NOT NULL, machine_version INTEGER NOT NULL, status TEXT NOT NULL,
	owner TEXT NOT NULL, owner_epoch INTEGER NOT NULL, lease_until INTEGER NOT NULL,
	started INTEGER NOT NULL, ended INTEGER NOT NULL, wake_at INTEGER NOT NULL, expires INTEGER NOT NULL,
	flags BLOB, records INTEGER NOT NULL, result BLOB);
CREATE INDEX runs_started ON runs(started);
CREATE INDEX runs_owner ON runs(owner) WHERE owner <> '';
CREATE INDEX runs_expires ON runs(expires) WHERE expires > 0;
CREATE TABLE events(
	run TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, slices INTEGER NOT NULL,
	kind TEXT NOT NULL, path TEXT NOT NULL, body BLOB, blob BLOB, digest INTEGER NOT NULL,
	PRIMARY KEY(run, seq)) WITHOUT ROWID;
CREATE TABLE blobs(hash BLOB PRIMARY KEY NOT NULL, refs INTEGER NOT NULL, size INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE snapshots(run TEXT NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY(run, seq));
CREATE TABLE programs(hash TEXT PRIMARY KEY NOT NULL, data BLOB NOT NULL);`,
	`CREATE TABLE inbox(
	run TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, principal TEXT NOT NULL,
	body BLOB, at INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(run, id));
CREATE INDEX inbox_waiting ON inbox(run, key) WHERE taken = 0;`,
}

// applicationID marks the file as a run store ("hxdg").
const applicationID = 0x68786467

// migrate brings the schema to the version of this program. A store that has it
// already is not locked for that.
func migrate(ctx context.Context, conn *sql.Conn) (err error) {
	current := false
	err = inTransaction(ctx, conn, "BEGIN", func() error {
		version, err := schemaVersion(ctx, conn)
		current = version == len(migrations)
		return err
	})
	if err != nil || current {
		return err
	}
	return inTransaction(ctx, conn, "BEGIN IMMEDIATE", func() error { return upgrade(ctx, conn) })
}

// inTransaction runs f between begin and COMMIT, or ROLLBACK if it fails.
func inTransaction(ctx context.Context, conn *sql.Conn, begin string, f func() error) error {
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		return err
	}
	err := f()
	if err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return errors.Join(err, rollback)
	}
	return nil
}

func upgrade(ctx context.Context, conn *sql.Conn) error {
	version, err := schemaVersion(ctx, conn) // another process may have been here
	if err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		if _, err := conn.ExecContext(ctx, migrations[version]); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", version, applicationID))
	return err
}

// schemaVersion is the version of the schema, 0 for an empty file; an error if
// the file is not ours or too new.
func schemaVersion(ctx context.Context, conn *sql.Conn) (version int, err error) {
	var id, tables int
	for _, q := range []struct {
		sql string
		to  *int
	}{{"PRAGMA user_version", &version}, {"PRAGMA application_id", &id}, {"SELECT count(*) FROM sqlite_master", &tables}} {
		if err := conn.QueryRowContext(ctx, q.sql).Scan(q.to); err != nil {
			return 0, err
		}
	}
	switch {
	case tables > 0 && id != applicationID:
		return 0, errors.New("it is a database of another program")
	case version > len(migrations):
		return 0, fmt.Errorf("a newer version wrote it (schema %d, this version knows %d); use that version, or another file", version, len(migrations))
	}
	return version, nil
}
