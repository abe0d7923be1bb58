package discover

import (
	"path"
	"strings"
)

// ignoreFile is one .gitignore: its patterns and the folder that it stands in,
// as the number of path segments below the outermost folder.
type ignoreFile struct {
	depth    int
	patterns []ignorePattern
}

// ignorePattern is one line of a .gitignore.
type ignorePattern struct {
	segments []string // "**" stands for any number of segments
	negated  bool
	folder   bool // matches folders only
	anchored bool // matches from the file's folder; otherwise a name anywhere
}

// parseIgnore reads the text of a .gitignore. A malformed pattern matches
// nothing, as with git.
func parseIgnore(text string, depth int) ignoreFile {
	f := ignoreFile{depth: depth}
	text = strings.TrimPrefix(text, "\ufeff")
	for line := range strings.SplitSeq(text, "\n") {
		if p, ok := parseIgnoreLine(strings.TrimSuffix(line, "\r")); ok {
			f.patterns = append(f.patterns, p)
		}
	}
	return f
}

func parseIgnoreLine(line string) (p ignorePattern, ok bool) {
	if strings.HasPrefix(line, "#") {
		return p, false
	}
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	line, p.negated = strings.CutPrefix(line, "!")
	line, p.folder = strings.CutSuffix(line, "/")
	if line == "" {
		return p, false
	}
	line, p.anchored = strings.CutPrefix(line, "/")
	p.anchored = p.anchored || strings.Contains(line, "/")
	for segment := range strings.SplitSeq(line, "/") {
		// Runs of stars that are not a whole segment mean one star.
		for segment != "**" && strings.Contains(segment, "**") {
			segment = strings.ReplaceAll(segment, "**", "*")
		}
		segment = strings.ReplaceAll(segment, "[!", "[^")
		if n := len(p.segments); segment == "**" && n > 0 && p.segments[n-1] == "**" {
			continue
		}
		p.segments = append(p.segments, segment)
	}
	return p, true
}

// decide is what f says about a path (segments from the outermost folder):
// nothing, or ignored, or kept by a negated pattern. The last pattern that
// matches wins.
func (f *ignoreFile) decide(segments []string, folder bool) (ignored, decided bool) {
	below := segments[f.depth:]
	for i := len(f.patterns) - 1; i >= 0; i-- {
		p := &f.patterns[i]
		if p.folder && !folder {
			continue
		}
		if p.matches(below) {
			return !p.negated, true
		}
	}
	return false, false
}

func (p *ignorePattern) matches(segments []string) bool {
	if !p.anchored {
		return p.segments[0] == "**" || matchSegment(p.segments[0], segments[len(segments)-1])
	}
	return matchSegments(p.segments, segments)
}

// matchSegments matches like a glob over segments in which "**" is the star:
// going back to the last "**" is enough, so it takes at most
// len(pattern)*len(segments) steps.
func matchSegments(pattern, segments []string) bool {
	i, j := 0, 0
	star, resume := -1, 0
	for j < len(segments) {
		switch {
		case i < len(pattern) && pattern[i] == "**":
			if i == len(pattern)-1 {
				return true // everything below, at least one segment
			}
			star, resume = i, j
			i++
		case i < len(pattern) && matchSegment(pattern[i], segments[j]):
			i, j = i+1, j+1
		case star >= 0:
			resume++
			i, j = star+1, resume
		default:
			return false
		}
	}
	return i == len(pattern)
}

func matchSegment(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// ignored applies the files from the innermost outwards: the first that says
// anything decides.
func ignored(files []ignoreFile, segments []string, folder bool) bool {
	for i := len(files) - 1; i >= 0; i-- {
		if ignored, decided := files[i].decide(segments, folder); decided {
			return ignored
		}
	}
	return false
}
