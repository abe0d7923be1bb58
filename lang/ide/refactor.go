package ide

import "hexdag.dev/hexdag/lang/source"

// refactorings are the rewritings that are offered for a span.
func (c *cursor) refactorings(source.Span) []Action { return nil }
