//go:build !race

package compile_test

const slowness = 1
