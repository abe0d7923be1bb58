package ir

import _ "embed"

//go:embed ir.schema.json
var schemaJSON []byte

// JSONSchema is the JSON Schema (draft 2020-12) of what ShowJSON writes. It must
// not be changed.
func JSONSchema() []byte { return schemaJSON }
