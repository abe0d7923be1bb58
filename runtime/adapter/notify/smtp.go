package notify

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
)

// SMTPName is the canonical name of the adapter that sends mail.
const SMTPName = "smtp"

// NewSMTP is the port.Factory of mail.
//
//	host, port           the server; port 465 is encrypted from the start, any other
//	                     (default 587) by STARTTLS
//	username, password   given only over an encrypted connection
//	from                 the sender; to the recipients of messages that name none
//	allow_plain          true for a server of one's own without encryption
//	timeout              of one message, default 30 seconds
func NewSMTP(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	s := &SMTP{host: c.Text("host"), user: c.Text("username"), password: c.Text("password"), timeout: c.Duration("timeout"), port: 587}
	s.o = transport.Options{Service: fmt.Sprintf("the mail server of port %q", spec.Port), Secrets: []string{s.password, base64.StdEncoding.EncodeToString([]byte("\x00" + s.user + "\x00" + s.password))}}
	if s.timeout == 0 {
		s.timeout = 30 * time.Second
	}
	if n, ok := model.Integer(c, "port"); ok {
		if n < 1 || n > 65535 {
			c.Faultf("\"port\" must be from 1 to 65535")
		}
		s.port = int(n)
	}
	if v, _, ok := c.Get("allow_plain"); ok {
		s.plain, ok = v.AsBool()
		if !ok {
			c.Faultf("\"allow_plain\" must be true or false")
		}
	}
	if s.host == "" {
		c.Faultf("\"host\" is missing: the mail server")
	}
	var err error
	if s.from, err = mail.ParseAddress(c.Text("from")); err != nil {
		c.Faultf("\"from\" must be an address such as bot@example.com")
	}
	if v, name, ok := c.Get("to"); ok {
		s.to = model.Texts(c, name, v)
		if _, err := addresses(s.to); err != nil {
			c.Faultf("\"to\": %s", err)
		}
	}
	return s, c.Err()
}

// SMTP sends mail. It is safe for concurrent use.
type SMTP struct {
	host, user, password string
	port                 int
	from                 *mail.Address
	to                   []string
	plain                bool
	timeout              time.Duration
	o                    transport.Options
}

// Class is port.Write.
func (s *SMTP) Class() port.Class { return port.Write }

func addresses(list []string) ([]*mail.Address, error) {
	var out []*mail.Address
	for _, text := range list {
		a, err := mail.ParseAddress(text)
		if err != nil {
			return nil, port.Errorf(port.ClassInvalidInput, "%.80q is no mail address", text)
		}
		out = append(out, a)
	}
	return out, nil
}

// Notify sends one mail to all recipients.
func (s *SMTP) Notify(ctx context.Context, n *port.Notification) error {
	list := n.To
	if len(list) == 0 {
		list = s.to
	}
	to, err := addresses(list)
	if err != nil {
		return err
	}
	if len(to) == 0 {
		return port.Errorf(port.ClassInvalidInput, "the notification of node %q names no recipient, and neither does its port", n.Call.Node)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	sent, err := s.send(ctx, to, s.message(n, to))
	if err == nil {
		return nil
	}
	e := &port.Error{Class: port.ClassNetwork, Retryable: true, Definite: !sent}
	var reply *textproto.Error
	switch {
	case ctx.Err() != nil:
		e = port.AsError(ctx.Err())
		e.Definite = !sent
		e.Message = s.o.Service + " took too long"
	case errors.As(err, &reply):
		e.Class, e.Retryable, e.Definite = port.ClassProvider, reply.Code < 500, true
		e.Message = fmt.Sprintf("%s refused: %d %s", s.o.Service, reply.Code, reply.Msg)
	default:
		if own := (*port.Error)(nil); errors.As(err, &own) {
			return own
		}
		e.Message = fmt.Sprintf("%s cannot be used: %s", s.o.Service, err)
	}
	e.Message = port.OneLine(transport.Redact(s.o, e.Message))
	return e
}

// send tells whether the message may have been taken.
func (s *SMTP) send(ctx context.Context, to []*mail.Address, text []byte) (sent bool, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	secure := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.port == 465 {
		conn = tls.Client(conn, secure)
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return false, err
	}
	defer c.Close()
	if s.port != 465 {
		if ok, _ := c.Extension("STARTTLS"); ok {
			if err := c.StartTLS(secure); err != nil {
				return false, err
			}
		} else if !s.plain {
			e := port.Errorf(port.ClassInvalidInput, "%s offers no encryption", s.o.Service)
			e.Help = "use another one, or allow_plain: true for a server of your own"
			return false, e
		}
	}
	if s.user != "" {
		if err := c.Auth(smtp.PlainAuth("", s.user, s.password, s.host)); err != nil {
			return false, err
		}
	}
	if err := c.Mail(s.from.Address); err != nil {
		return false, err
	}
	for _, a := range to {
		if err := c.Rcpt(a.Address); err != nil {
			return false, err
		}
	}
	w, err := c.Data()
	if err != nil {
		return false, err
	}
	if _, err := w.Write(text); err != nil {
		return true, err
	}
	if err := w.Close(); err != nil {
		return true, err
	}
	_ = c.Quit() // the message was taken
	return true, nil
}

// message is the mail: headers, and the text in base64, so that no line of it means
// anything to the protocol.
func (s *SMTP) message(n *port.Notification, to []*mail.Address) []byte {
	names := make([]string, len(to))
	for i, a := range to {
		names[i] = a.String()
	}
	id := sha256.Sum256([]byte(n.Call.Key + "\x00" + n.Call.RunID))
	_, domain, _ := strings.Cut(s.from.Address, "@")
	var b strings.Builder
	for _, h := range [][2]string{
		{"From", s.from.String()}, {"To", strings.Join(names, ",\r\n ")},
		{"Subject", mime.QEncoding.Encode("utf-8", strings.Join(strings.Fields(n.Subject), " "))},
		{"Date", time.Now().UTC().Format(time.RFC1123Z)}, {"Message-ID", "<" + hex.EncodeToString(id[:16]) + "@" + domain + ">"},
		{"MIME-Version", "1.0"}, {"Content-Type", "text/plain; charset=utf-8"}, {"Content-Transfer-Encoding", "base64"},
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	text := base64.StdEncoding.EncodeToString([]byte(n.Text))
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n")
	return []byte(b.String())
}
