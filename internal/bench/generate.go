//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeManifests writes pipelines of twenty nodes with expressions and
// templates, and gives their size in bytes.
func writeManifests(dir string) (size int, err error) {
	return write(dir, "p%04d.yaml", manifest)
}

// writeWorkflows writes workflows of twenty steps with an expression each.
func writeWorkflows(dir string) (size int, err error) {
	return write(dir, "w%04d.yml", workflow)
}

func write(dir, name string, text func(i int) string) (size int, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	for i := range files {
		content := text(i)
		size += len(content)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf(name, i)), []byte(content), 0o644); err != nil {
			return 0, err
		}
	}
	return size, nil
}

func manifest(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `kind: Pipeline
metadata:
  name: pipeline-%04d
  description: A pipeline that scores a number of records in several steps.
spec:
  input_schema:
    subject: str
    amount: int
  ports:
    llm:
      adapter: mock_llm
  nodes:
`, i)
	for n := range nodes {
		if n%2 == 1 {
			fmt.Fprintf(&b, `    - kind: llm_node
      metadata:
        name: step_%02d
      spec:
        human_message: |
          Subject %d: {{ $input.subject }}
          Score so far: {{ step_%02d.score }} of {{ step_%02d.total }}
`, n, i, n-1, n-1)
			continue
		}
		fmt.Fprintf(&b, `    - kind: expression_node
      metadata:
        name: step_%02d
        description: Combines what is known about record %d so far.
      spec:
        expressions:
          total: $input.amount * %d + len($input.subject)
          score: round(total / %d, 2) if total > %d else 0
`, n, n, n+1, n+2, n+3)
	}
	return b.String()
}

func workflow(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `name: workflow-%04d
on:
  workflow_dispatch:
    inputs:
      subject:
        type: string
        description: What the workflow is about.
      amount:
        type: number
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
`, i)
	for n := range nodes {
		fmt.Fprintf(&b, `      - name: Step %02d of the workflow
        id: step_%02d
        if: ${{ inputs.amount > %d && github.event_name != 'schedule' }}
        env:
          SUBJECT: ${{ inputs.subject }}
          SCORE: ${{ format('{0} of {1}', inputs.amount, %d) }}
        run: |
          echo "$SUBJECT $SCORE"
`, n, n, n, i)
	}
	return b.String()
}
