package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/mattn/go-isatty"
)

// Colors reports whether what is written to w should have colours: --color
// decides, else NO_COLOR, else whether w is a terminal that has them.
func (a *App) Colors(w io.Writer) bool {
	switch a.Color {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && Terminal(w)
}

// Terminal reports whether w is a terminal.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// width is the number of columns of the terminal w, 0 if it is none.
func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !Terminal(w) {
		return 0
	}
	columns, _, err := term.GetSize(f.Fd())
	if err != nil {
		return 0
	}
	return columns
}

// Progress shows text and the seconds that went by on Err from the second second
// on, if Err is a terminal, until the returned function is called.
func (a *App) Progress(text string) (stop func()) {
	if a.Quiet || !Terminal(a.Err) {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		start := time.Now()
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		shown := false
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(a.Err, "\r\x1b[K%s… %ds", text, int(time.Since(start).Seconds()))
				shown = true
			case <-quit:
				if shown {
					fmt.Fprint(a.Err, "\r\x1b[K")
				}
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}
