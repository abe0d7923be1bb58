package config

// Within puts the layers of a System around those of one of its pipelines:
// process and System stand behind the Pipeline and before every Config. Their
// Level says which they are; a System that configures itself has only the System
// and its Configs.
func Within(pipeline []Layer, outer ...Layer) []Layer {
	out := make([]Layer, 0, len(pipeline)+len(outer))
	for _, level := range []Level{Pipeline, Process, System, Config} {
		for _, list := range [][]Layer{pipeline, outer} {
			for _, l := range list {
				if l.Level == level {
					out = append(out, l)
				}
			}
		}
	}
	return out
}
