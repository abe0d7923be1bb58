package outboard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"hexdag.dev/hexdag/runtime/port"
	"hexdag.dev/hexdag/runtime/subprocess"
)

// Program is the other program. It is started when it is first needed and stopped
// when nothing is open any more. It is safe for concurrent use.
type Program struct {
	// Find gives the command to start.
	Find func() (subprocess.Command, error)

	mu   sync.Mutex
	link *link
	open int
}

// link is one life of the program.
type link struct {
	proc  *subprocess.Process
	outMu sync.Mutex
	mu    sync.Mutex
	next  uint64
	calls map[uint64]*pending
	ended error // why it takes no request any more
}

type pending struct {
	lines chan response // buffered; closed at the link's end
	gone  chan struct{} // nobody reads lines any more
}

// startTime is how long the program may take to say hello.
const startTime = 20 * time.Second

// connect is the link to the running program, which it starts if need be.
func (p *Program) connect() (*link, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.link != nil {
		if p.link.alive() {
			return p.link, nil
		}
		p.link.proc.Kill()
		p.link = nil
	}
	cmd, err := p.Find()
	if err != nil {
		return nil, &port.Error{Class: port.ClassInvalidInput, Definite: true, Message: port.OneLine(err.Error()), Help: findHelp}
	}
	proc, err := subprocess.Start(cmd)
	if err != nil {
		return nil, &port.Error{Class: port.ClassInvalidInput, Definite: true, Message: port.OneLine(err.Error()), Help: findHelp}
	}
	l := &link{proc: proc, calls: map[uint64]*pending{}}
	ready := make(chan error, 1)
	go l.read(ready)
	t := time.NewTimer(startTime)
	defer t.Stop()
	select {
	case err = <-ready:
	case <-t.C:
		err = errors.New("it does not speak")
	}
	if err != nil {
		proc.Kill()
		return nil, &port.Error{Class: port.ClassInvalidInput, Definite: true,
			Message: fmt.Sprintf("the program %s is no use: %s", cmd.Path, port.OneLine(err.Error())), Help: findHelp}
	}
	p.link = l
	return l, nil
}

const findHelp = "hexc-adapters comes with hexc; it has to stand beside it or on PATH, or HEXDAG_ADAPTERS has to name it"

// hold counts an open adapter; drop forgets it, and stops the program with the last.
func (p *Program) hold() {
	p.mu.Lock()
	p.open++
	p.mu.Unlock()
}

func (p *Program) drop() {
	p.mu.Lock()
	p.open--
	var last *link
	if p.open == 0 {
		last, p.link = p.link, nil
	}
	p.mu.Unlock()
	if last != nil {
		last.proc.Stop(5 * time.Second)
	}
}

func (l *link) alive() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended == nil
}

// read hands answers to who waits for them, until the program ends.
func (l *link) read(ready chan<- error) {
	r := bufio.NewReaderSize(l.proc.Stdout, 64<<10)
	var h hello
	line, err := readLine(r)
	if err == nil {
		if err = json.Unmarshal(line, &h); err == nil && h.Version != Version {
			err = fmt.Errorf("it speaks version %d of the protocol, not %d; take it from the same release", h.Version, Version)
		}
	}
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("it ended at once")
			if text := l.lastWords(); text != "" {
				err = fmt.Errorf("%w: %s", err, text)
			}
		}
		l.end(err)
		ready <- err
		return
	}
	ready <- nil
	for {
		line, err := readLine(r)
		if err != nil {
			l.end(err)
			return
		}
		var resp response
		if err := json.Unmarshal(line, &resp); err != nil {
			l.end(err)
			l.proc.Kill()
			return
		}
		l.mu.Lock()
		call := l.calls[resp.ID]
		if call != nil && resp.Delta == nil && resp.Log == nil {
			delete(l.calls, resp.ID)
		}
		l.mu.Unlock()
		if call == nil {
			continue // it was cancelled
		}
		select {
		case call.lines <- resp:
		case <-call.gone:
		}
	}
}

// end fails what is under way.
func (l *link) end(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = err
	for id, call := range l.calls {
		close(call.lines)
		delete(l.calls, id)
	}
}

func (l *link) send(id uint64, method string, handle uint64, params any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return port.Errorf(port.ClassInvalidInput, "the request has no JSON: %s", err)
	}
	line, err := json.Marshal(request{ID: id, Method: method, Handle: handle, Params: raw})
	if err != nil {
		return err
	}
	if len(line) > MaxLine {
		return port.Errorf(port.ClassInvalidInput, "the request has %d MiB, more than the %d that it may have", len(line)>>20, MaxLine>>20)
	}
	l.outMu.Lock()
	defer l.outMu.Unlock()
	_, err = l.proc.Stdin.Write(append(line, '\n'))
	return err
}

// do makes one request and reads its result into result. Parts of it go to stream.
func (l *link) do(ctx context.Context, method string, handle uint64, params, result any, stream func(string)) error {
	call := &pending{lines: make(chan response, 64), gone: make(chan struct{})}
	defer close(call.gone)
	l.mu.Lock()
	if l.ended != nil {
		l.mu.Unlock()
		return errGone
	}
	l.next++
	id := l.next
	l.calls[id] = call
	l.mu.Unlock()
	if err := l.send(id, method, handle, params); err != nil {
		l.mu.Lock()
		delete(l.calls, id)
		l.mu.Unlock()
		if e := (*port.Error)(nil); errors.As(err, &e) {
			return e
		}
		return l.crashed()
	}
	for {
		select {
		case resp, ok := <-call.lines:
			switch {
			case !ok:
				return l.crashed()
			case resp.Delta != nil:
				if stream != nil {
					stream(*resp.Delta)
				}
			case resp.Log != nil:
				port.Log(ctx, *resp.Log)
			case resp.Error != nil:
				return resp.Error.port()
			default:
				if err := json.Unmarshal(resp.Result, result); err != nil {
					return &port.Error{Class: port.ClassInvalidOutput, Message: "the answer of hexc-adapters cannot be read: " + port.OneLine(err.Error())}
				}
				return nil
			}
		case <-ctx.Done():
			l.mu.Lock()
			delete(l.calls, id)
			l.mu.Unlock()
			go func() { _ = l.send(0, "cancel", 0, cancelParams{id}) }() // the pipe may be full
			return port.AsError(ctx.Err())
		}
	}
}

// errGone: the request was not sent, the program had ended before.
var errGone = errors.New("the program has ended")

// crashed is the failure of what was under way when the program ended.
func (l *link) crashed() error {
	text := l.lastWords()
	e := &port.Error{Class: port.ClassNetwork, Retryable: true, Message: "hexc-adapters ended in the middle of a request"}
	if s := l.proc.Status(); s != "" {
		e.Message += " with " + s
	}
	if text != "" {
		e.Message += ": " + port.OneLine(text)
	}
	return e
}

// lastWords is the last line that the program wrote to standard error, which comes
// a little later than the end of its output.
func (l *link) lastWords() string {
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	select {
	case <-l.proc.Done():
	case <-t.C:
	}
	return l.proc.LastLine()
}
