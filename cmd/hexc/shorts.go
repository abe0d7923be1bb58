package main

// What the help says of the commands that the front program hands over.
const (
	lspUse, lspShort   = "lsp", "Start the language server on standard input and output"
	runUse, runShort   = "run FILE", "Run a program"
	runsUse, runsShort = "runs", "Look at the runs in the run store, resume, signal, cancel and replay them"
)

// back is the program that the front program hands over to.
const back = "hexc-run"
