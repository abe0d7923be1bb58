// Package imports holds the test of the project's import graph: which package
// may know which. docs/architecture.md says why.
package imports
