// Package postgres is the adapter of PostgreSQL for the ports memory, data_store and
// database.
//
// # Configuration
//
//	dsn               where the database is, as a URL or as key=value pairs;
//	                  connection_string and url mean the same
//	max_connections   default 4
//
// The store is the table hexdag_store, which is made when it is first used. Queries
// write their parameters as $1, $2, … Package sqlstore has the rest.
package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/sqlstore"
	"hexdag.dev/hexdag/runtime/port"
)

// Name is the adapter's canonical name.
const Name = "postgres"

// New is the port.Factory of the adapter.
func New(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	dsn := c.Text("dsn", "connection_string", "url")
	most := 4
	if n, ok := model.Integer(c, "max_connections"); ok {
		if n < 1 || n > 1000 {
			c.Faultf("\"max_connections\" must be from 1 to 1000")
		}
		most = int(n)
	}
	if dsn == "" {
		c.Faultf("\"dsn\" is missing: where the database is")
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil { // its text may hold the password
		return nil, port.Errorf(port.ClassInvalidInput, "port %q is configured wrongly: \"dsn\" is no address of a database such as postgres://user@host/name", spec.Port)
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(most)
	return sqlstore.New(db, dialect(config, dsn)), nil
}

func dialect(config *pgx.ConnConfig, dsn string) sqlstore.Dialect {
	return sqlstore.Dialect{
		Service: "PostgreSQL",
		Create:  `CREATE TABLE IF NOT EXISTS hexdag_store (key TEXT COLLATE "C" PRIMARY KEY, value TEXT NOT NULL, expires BIGINT)`,
		Get:     `SELECT value FROM hexdag_store WHERE key = $1 AND (expires IS NULL OR expires > $2)`,
		Set:     `INSERT INTO hexdag_store (key, value, expires) VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires`,
		Delete:  `DELETE FROM hexdag_store WHERE key = $1`,
		Keys:    `SELECT key FROM hexdag_store WHERE starts_with(key, $1) AND (expires IS NULL OR expires > $2) ORDER BY key LIMIT $3`,
		Refuse: func(keyword string) string {
			if keyword == "COPY" {
				return "it reaches beyond this database"
			}
			return ""
		},
		Redact: func(text string) string {
			for _, secret := range []string{dsn, config.Password} {
				if len(secret) >= port.MinSecret {
					text = strings.ReplaceAll(text, secret, "[secret]")
				}
			}
			return text
		},
	}
}
