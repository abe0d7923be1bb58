package cueeval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"hexdag.dev/hexdag/internal/orgpolicy"
)

// Serve answers the requests on in, one line each, until it ends.
func Serve(in io.Reader, out io.Writer) error {
	requests := json.NewDecoder(bufio.NewReaderSize(in, 64<<10))
	w := bufio.NewWriter(out)
	answer := func(r orgpolicy.Reply) error {
		r.Version = orgpolicy.Version
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
		return w.Flush()
	}
	var start orgpolicy.Start
	if err := requests.Decode(&start); err != nil {
		return err
	}
	if start.Version != orgpolicy.Version {
		return answer(orgpolicy.Reply{Error: fmt.Sprintf("it speaks version %d of the protocol, hexc version %d", orgpolicy.Version, start.Version)})
	}
	e, faults := New(start.Policies)
	if err := answer(orgpolicy.Reply{Faults: faults}); err != nil {
		return err
	}
	for {
		var s orgpolicy.Subject
		switch err := requests.Decode(&s); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		reply := orgpolicy.Reply{}
		var err error
		if reply.Findings, reply.Faults, err = e.Judge(&s); err != nil {
			reply.Error = err.Error()
		}
		if err := answer(reply); err != nil {
			return err
		}
	}
}
