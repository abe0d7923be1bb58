package shape

import (
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
	"hexdag.dev/hexdag/lang/syntax"
	"hexdag.dev/hexdag/schema"
)

// rewrite is how the spec of a historical kind becomes that of today's.
type rewrite struct {
	keys map[string]string // old key → new key
	// fixed says that keys which are not in the map stay as they are; otherwise
	// they make a rewrite impossible.
	add string // an entry to add, such as "mode: while"
	// may are old keys that stay.
	may []string
}

var rewrites = map[string]rewrite{
	"loop_node": {keys: map[string]string{"while_condition": "condition", "collect_mode": "collect"}, add: "mode: while",
		may: []string{"body", "max_iterations", "initial_state", "condition", "body_pipeline", "state_update"}},
	"conditional_node": {add: "mode: switch", may: []string{"branches", "else_action"}},
	"tool_call_node":   {keys: map[string]string{"tool_name": "fn", "arguments": "input_mapping"}},
	"port_call_node":   {keys: map[string]string{"port": "service"}, may: []string{"method", "input_mapping"}},
	"prompt_node":      {keys: map[string]string{"template": "human_message", "system_prompt": "system_message"}},
}

// modernise is the edits that rewrite a node of a historical kind; nil where a
// field has no counterpart.
func (c *checker) modernise(o *Object, k *syntax.Node, s schema.Spelling) []diag.Edit {
	name := strings.TrimPrefix(s.Name, "core:")
	r, ok := rewrites[name]
	if !ok {
		r, ok = rewrites[name+"_node"]
	}
	var spec *syntax.Node
	if f := o.Get("spec"); f != nil {
		spec = f.Value.Deref()
	}
	if !ok || spec == nil || spec.Kind != syntax.Mapping || len(spec.Pairs) == 0 {
		return nil
	}
	edits := []diag.Edit{c.replace(k, s.Target)}
	common := foreignDef
	for i := range spec.Pairs {
		key := spec.Pairs[i].Key
		if key.Kind != syntax.Scalar {
			return nil
		}
		if to := r.keys[key.Value]; to != "" {
			if spec.Get(to) != nil {
				return nil
			}
			edits = append(edits, c.replace(key, to))
			continue
		}
		if _, _, ok := common.Find(key.Value); ok && key.Value != "output_schema" || contains(r.may, key.Value) {
			continue
		}
		return nil
	}
	if r.add != "" {
		first := spec.Pairs[0].Key.Span.Start
		text := r.add + "\n" + strings.Repeat(" ", column(c.tree.FileOf(spec), int(first)))
		if spec.Style == syntax.Flow {
			text = r.add + ", "
		}
		edits = append(edits, diag.Edit{Loc: source.Location{File: c.tree.FileOf(spec), Span: source.Span{Start: first, End: first}}, NewText: text})
	}
	return edits
}
