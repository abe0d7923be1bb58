package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"hexdag.dev/hexdag/lang/diag"
)

// The code quality report of GitLab (a subset of Code Climate's format).
type (
	gitlabFinding struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path      string          `json:"path"`
		Positions gitlabPositions `json:"positions"`
		Lines     gitlabLines     `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
		End   int `json:"end"`
	}
	gitlabPositions struct {
		Begin gitlabPosition `json:"begin"`
		End   gitlabPosition `json:"end"`
	}
	gitlabPosition struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	}
)

func writeGitLab(w io.Writer, ds []diag.Diagnostic) error {
	l := newLocator()
	out := make([]gitlabFinding, 0, len(ds))
	seen := map[string]int{}
	for i := range ds {
		d := &ds[i]
		f := gitlabFinding{
			Description: fmt.Sprintf("%s: %s", d.Code, d.Message),
			CheckName:   rule(d.Code),
			Severity:    map[diag.Severity]string{diag.Error: "major", diag.Warning: "minor", diag.Info: "info"}[d.Severity],
		}
		if f.CheckName == "" {
			f.CheckName = string(d.Code)
		}
		if d.Help != "" {
			f.Description += " (" + d.Help + ")"
		}
		path, r := l.jsonPlace(d.Loc)
		if path == "" {
			path = "." // the format has no finding without a path
		}
		f.Location = gitlabLocation{
			Path:      path,
			Positions: gitlabPositions{gitlabPosition{r.Start.Line, r.Start.Column}, gitlabPosition{r.End.Line, r.End.Column}},
			Lines:     gitlabLines{r.Start.Line, r.End.Line},
		}
		// A fingerprint must survive lines that move, and be unique: it counts
		// the same finding's occurrences in a file instead of using the line.
		key := fmt.Sprintf("%s\x00%s\x00%s", path, d.Code, d.Message)
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", key, seen[key]))
		seen[key]++
		f.Fingerprint = hex.EncodeToString(sum[:16])
		out = append(out, f)
	}
	return encodeJSON(w, out, "  ")
}
