package config

import "hexdag.dev/hexdag/lang/ast"

// Price is what a layer says that a model costs. The nearest entry for a name
// holds.
type Price struct {
	*ast.Price
	From []Source
}

func prices(layers []Layer) []Price {
	var out []Price
	index := map[string]int{}
	for _, l := range layers {
		for _, p := range l.Configuration.Prices {
			src := Source{Layer: l.Name(), Loc: p.Model.Loc, Note: "set"}
			if i, ok := index[p.Model.Name]; ok {
				src.Note = "ignored: the " + out[i].From[0].Layer + " is nearer"
				out[i].From = append(out[i].From, src)
				continue
			}
			index[p.Model.Name] = len(out)
			out = append(out, Price{p, []Source{src}})
		}
	}
	return out
}
