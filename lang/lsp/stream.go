package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// maxMessage is the size in bytes of the largest message that is read.
const maxMessage = 64 << 20

// maxHeader is the size in bytes of the largest header that is read.
const maxHeader = 8 << 10

// stream reads and writes messages with their headers, as the protocol's base
// part says. A body that is not JSON is answered with a parse error and skipped:
// one bad message must not end an editor's session. A bad header does end it,
// because where the next message starts is not known then.
type stream struct {
	in     *bufio.Reader
	out    io.Writer
	closer func() error

	mu sync.Mutex // of out
}

func newStream(in io.Reader, out io.Writer, closer func() error) *stream {
	return &stream{in: bufio.NewReader(in), out: out, closer: closer}
}

// WriteObject writes v as one message.
func (s *stream) WriteObject(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.write(body)
}

func (s *stream) write(body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	message := append(fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(body)), body...)
	_, err := s.out.Write(message)
	return err
}

// ReadObject reads messages until one can be decoded into v.
func (s *stream) ReadObject(v any) error {
	for {
		length, err := s.header()
		if err != nil {
			return err
		}
		body := make([]byte, 0, min(length, 64<<10))
		buf := bytes.NewBuffer(body)
		if _, err := io.CopyN(buf, s.in, int64(length)); err != nil {
			return err
		}
		if err := json.Unmarshal(buf.Bytes(), v); err == nil {
			return nil
		}
		code, what := -32700, "the message is not JSON"
		if json.Valid(buf.Bytes()) {
			code, what = -32600, "the message is no JSON-RPC request or response"
		}
		if err := s.write(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":null,"error":{"code":%d,"message":%q}}`, code, what)); err != nil {
			return err
		}
	}
}

// Close closes what the stream was made from.
func (s *stream) Close() error { return s.closer() }

// header reads a header and gives the length of the body.
func (s *stream) header() (length int, err error) {
	length = -1
	read := 0
	for {
		line, err := s.in.ReadSlice('\n')
		read += len(line)
		if errors.Is(err, bufio.ErrBufferFull) || read > maxHeader {
			return 0, errors.New("a message's header is too long")
		}
		if err != nil {
			if read > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			if length < 0 {
				return 0, errors.New("a message has no Content-Length")
			}
			return length, nil
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return 0, fmt.Errorf("%.40q is no header of a message", text)
		}
		if strings.EqualFold(name, "Content-Length") {
			length, err = strconv.Atoi(strings.TrimSpace(value))
			if err != nil || length < 0 || length > maxMessage {
				return 0, fmt.Errorf("a message has the bad length %.40q", value)
			}
		}
	}
}
