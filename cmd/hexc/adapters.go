//go:build !front

package main

import (
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/adapter/outboard"
	"hexdag.dev/hexdag/runtime/adapter/sqlstore"
	"hexdag.dev/hexdag/runtime/port"
)

// registry is what programs can name: what is built in, and what the program
// hexc-adapters has, which is started when a run needs it.
func registry() *port.Registry {
	r := runtime.Builtin()
	r.AddAdapter(sqlstore.SQLiteName, sqlstore.NewSQLite)
	r.AddAdapter(sqlstore.SQLiteMemoryName, sqlstore.NewSQLite)
	outboard.Register(r)
	return r
}
