package schema

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"
)

//go:embed *.cue
var sources embed.FS

// Sources is the CUE files, for tools that evaluate them.
func Sources() fs.FS { return sources }

// CUE is the CUE text of the definitions that a manifest kind or node kind uses,
// itself first, as one file; the whole schema for "".
func CUE(kind string) (string, error) {
	all, order, err := definitions()
	if err != nil {
		return "", err
	}
	var want []string
	if kind == "" {
		want = order
	} else {
		d := Root(kind)
		if d == nil {
			return "", fmt.Errorf("there is no kind %q", kind)
		}
		seen := map[string]bool{d.Name: true}
		want = []string{d.Name}
		for i := 0; i < len(want); i++ {
			for _, name := range references(all[want[i]]) {
				if all[name] != "" && !seen[name] {
					seen[name] = true
					want = append(want, name)
				}
			}
		}
	}
	var out strings.Builder
	out.WriteString("package schema\n")
	for _, name := range want {
		out.WriteString("\n" + all[name])
	}
	return out.String(), nil
}

// definitions cuts the files into their definitions, each with its comment.
func definitions() (all map[string]string, order []string, err error) {
	names, err := fs.Glob(sources, "*.cue")
	if err != nil {
		return nil, nil, err
	}
	sort.Strings(names)
	all = map[string]string{}
	for _, file := range names {
		text, err := fs.ReadFile(sources, file)
		if err != nil {
			return nil, nil, err
		}
		// definitions stand at the left margin, with an empty line between
		var block, comment []string
		name := ""
		flush := func() {
			if name != "" {
				all[name] = strings.TrimRight(strings.Join(block, "\n"), "\n") + "\n"
				order = append(order, name)
			}
			name, block = "", nil
		}
		for _, line := range strings.Split(string(text), "\n") {
			switch {
			case strings.HasPrefix(line, "//"):
				flush()
				comment = append(comment, line)
			case strings.HasPrefix(line, "#"):
				flush()
				name = line[1:strings.IndexByte(line, ':')]
				block = append(comment, line)
				comment = nil
			case name != "":
				block = append(block, line)
			default:
				comment = nil
			}
		}
		flush()
	}
	return all, order, nil
}

// references are the definitions that a text names, in order.
func references(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "//") {
			continue
		}
		for {
			i := strings.IndexByte(line, '#')
			if i < 0 {
				break
			}
			line = line[i+1:]
			n := 0
			for n < len(line) && (line[n] >= 'A' && line[n] <= 'Z' || line[n] >= 'a' && line[n] <= 'z') {
				n++
			}
			if n > 0 {
				out = append(out, line[:n])
			}
		}
	}
	return out
}
