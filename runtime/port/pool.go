package port

// Metered puts the meter around one adapter of several behind one port, whose gate
// is GuardMetered's.
func Metered(adapter LLM) LLM { return meter{adapter} }

// GuardMetered is Guard for a model whose adapters have their meters already: a
// pool of them. llm tells what it can do as an adapter does.
func GuardMetered(llm LLM, middleware ...LLMMiddleware) LLM {
	outer := llm
	for _, m := range middleware {
		outer = m(outer)
	}
	g := Guard(llm).(gate) // what the pool can do
	g.LLM, g.instant = outer, false
	return g
}
