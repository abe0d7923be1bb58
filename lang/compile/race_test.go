//go:build race

package compile_test

// slowness is how much longer work takes in this build: the race detector looks at
// every access.
const slowness = 10
