// Package machine is the deterministic core of a run.
package machine
