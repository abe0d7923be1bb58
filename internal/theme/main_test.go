package main

import (
	"bytes"
	"os"
	"testing"
)

// TestFresh: the committed file is what the styles say today.
func TestFresh(t *testing.T) {
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../../lang/diag/render/theme_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("lang/diag/render/theme_gen.go is stale: run `make generate`")
	}
}
