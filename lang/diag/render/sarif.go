package render

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"hexdag.dev/hexdag/lang/diag"
	"hexdag.dev/hexdag/lang/source"
)

// The part of SARIF 2.1.0 (OASIS) that findings need.
type (
	sarifLog struct {
		Version string     `json:"version"`
		Schema  string     `json:"$schema"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool `json:"executionSuccessful"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string             `json:"id"`
		Name                 string             `json:"name,omitempty"`
		ShortDescription     *sarifMessage      `json:"shortDescription,omitempty"`
		FullDescription      *sarifMessage      `json:"fullDescription,omitempty"`
		Help                 *sarifMultiformat  `json:"help,omitempty"`
		DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifMultiformat struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifResult struct {
		RuleID           string          `json:"ruleId"`
		RuleIndex        int             `json:"ruleIndex"`
		Level            string          `json:"level"`
		Message          sarifMessage    `json:"message"`
		Locations        []sarifLocation `json:"locations"`
		RelatedLocations []sarifLocation `json:"relatedLocations,omitempty"`
		Fixes            []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID               *int           `json:"id,omitempty"`
		PhysicalLocation *sarifPhysical `json:"physicalLocation,omitempty"`
		Message          *sarifMessage  `json:"message,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
		ByteOffset  int `json:"byteOffset"`
		ByteLength  int `json:"byteLength"`
	}
	sarifFix struct {
		Description     sarifMessage  `json:"description"`
		ArtifactChanges []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		ArtifactLocation sarifArtifact      `json:"artifactLocation"`
		Replacements     []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		DeletedRegion   sarifRegion  `json:"deletedRegion"`
		InsertedContent sarifMessage `json:"insertedContent"`
	}
)

func writeSARIF(w io.Writer, ds []diag.Diagnostic, o Options) error {
	l := newLocator()
	driver := sarifDriver{Name: "hexc", Version: o.Version, InformationURI: "https://hexdag.dev/", Rules: []sarifRule{}}
	index := map[diag.Code]int{}
	results := make([]sarifResult, 0, len(ds))
	for i := range ds {
		d := &ds[i]
		at, known := index[d.Code]
		if !known {
			at = len(driver.Rules)
			index[d.Code] = at
			driver.Rules = append(driver.Rules, sarifRuleOf(d))
		}
		r := sarifResult{
			RuleID: string(d.Code), RuleIndex: at, Level: sarifLevel(d.Severity),
			Message:   sarifMessage{d.Message},
			Locations: []sarifLocation{},
		}
		if d.Help != "" {
			r.Message.Text += "\n" + d.Help
		}
		if d.Loc.File != nil {
			r.Locations = append(r.Locations, sarifLocation{PhysicalLocation: l.sarifPlace(d.Loc)})
		}
		for j, rel := range d.Related {
			loc := sarifLocation{ID: new(int), Message: &sarifMessage{rel.Message}}
			*loc.ID = j + 1
			if rel.Loc.File != nil {
				loc.PhysicalLocation = l.sarifPlace(rel.Loc)
			}
			r.RelatedLocations = append(r.RelatedLocations, loc)
		}
		for _, f := range d.Fixes {
			if fix, ok := l.sarifFix(f); ok {
				r.Fixes = append(r.Fixes, fix)
			}
		}
		results = append(results, r)
	}
	return encodeJSON(w, sarifLog{
		Version: "2.1.0",
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Runs: []sarifRun{{
			Tool:        sarifTool{driver},
			Invocations: []sarifInvocation{{true}},
			ColumnKind:  "unicodeCodePoints",
			Results:     results,
		}},
	}, "  ")
}

func sarifLevel(s diag.Severity) string {
	return map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "note"}[s]
}

func sarifRuleOf(d *diag.Diagnostic) sarifRule {
	r := sarifRule{ID: string(d.Code), DefaultConfiguration: sarifConfiguration{sarifLevel(d.Severity)}}
	if e, ok := diag.Lookup(d.Code); ok {
		r.Name = e.Rule
		r.ShortDescription = &sarifMessage{e.Summary}
		r.FullDescription = &sarifMessage{e.Detail}
		r.Help = &sarifMultiformat{Text: e.Text(), Markdown: e.Markdown()}
		r.DefaultConfiguration.Level = sarifLevel(e.Severity)
	}
	return r
}

func (l *locator) sarifPlace(loc source.Location) *sarifPhysical {
	return &sarifPhysical{sarifArtifact{sarifURI(loc.File.Path())}, l.sarifRegion(loc)}
}

func (l *locator) sarifRegion(loc source.Location) sarifRegion {
	start, end := l.span(loc)
	return sarifRegion{start.Line, start.Column, end.Line, end.Column, start.Offset, end.Offset - start.Offset}
}

// sarifFix groups a fix's edits by file, in order of their first edit. A fix
// with an edit of no file has no form in SARIF.
func (l *locator) sarifFix(f diag.Fix) (sarifFix, bool) {
	out := sarifFix{Description: sarifMessage{f.Title}}
	index := map[*source.File]int{}
	for _, e := range f.Edits {
		if e.Loc.File == nil {
			return out, false
		}
		at, known := index[e.Loc.File]
		if !known {
			at = len(out.ArtifactChanges)
			index[e.Loc.File] = at
			out.ArtifactChanges = append(out.ArtifactChanges, sarifChange{ArtifactLocation: sarifArtifact{sarifURI(e.Loc.File.Path())}})
		}
		c := &out.ArtifactChanges[at]
		c.Replacements = append(c.Replacements, sarifReplacement{l.sarifRegion(e.Loc), sarifMessage{e.NewText}})
	}
	return out, len(out.ArtifactChanges) > 0
}

// sarifURI is a path as a URI reference: relative paths stay relative, absolute
// ones get the file scheme.
func sarifURI(path string) string {
	path = filepath.ToSlash(path)
	u := url.URL{Path: path}
	if strings.HasPrefix(path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}
