package notify

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime/port"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "canary-5f1e-password"

func make1(t *testing.T, f port.Factory, fields map[string]any) port.Notifier {
	t.Helper()
	v, err := value.FromGo(fields)
	if err != nil {
		t.Fatal(err)
	}
	a, err := f(t.Context(), port.Spec{Port: "notify", Config: v})
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := a.(port.Closer); ok {
		t.Cleanup(func() { _ = c.Close(t.Context()) })
	}
	return a.(port.Notifier)
}

func TestWebhook(t *testing.T) {
	status, got := 200, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "see "+r.URL.Path)
	}))
	t.Cleanup(server.Close)
	n := make1(t, NewWebhook, map[string]any{"url": server.URL + "/hook/" + canary})
	data, _ := value.FromGo(map[string]any{"n": 1})
	if err := n.Notify(t.Context(), &port.Notification{Text: "hello", To: []string{"#ops"}, Data: data}); err != nil {
		t.Fatal(err)
	}
	if got != `{"text":"hello","to":["#ops"],"data":{"n":1}}` {
		t.Errorf("it posts %s", got)
	}
	status = 503
	err := n.Notify(t.Context(), &port.Notification{Text: "hello"})
	if e := port.AsError(err); e == nil || !e.Retryable || strings.Contains(e.Message, canary) || !strings.Contains(e.Message, "503") {
		t.Errorf("got %+v", e)
	}
}

// mailServer speaks SMTP and hands out what it gets.
func mailServer(t *testing.T, extensions []string, reply func(line string) string) (int, chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 4)
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			r := bufio.NewReader(conn)
			say := func(s string) { _, _ = fmt.Fprintf(conn, "%s\r\n", s) }
			say("220 hello")
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					break
				}
				line = strings.TrimSpace(line)
				if own := reply(line); own != "" {
					say(own)
					continue
				}
				switch word, _, _ := strings.Cut(strings.ToUpper(line), " "); word {
				case "EHLO":
					for _, e := range extensions {
						say("250-" + e)
					}
					say("250 OK")
				case "DATA":
					say("354 go on")
					var text strings.Builder
					for {
						line, err := r.ReadString('\n')
						if err != nil || line == ".\r\n" {
							break
						}
						text.WriteString(line)
					}
					got <- text.String()
					say("250 taken")
				case "QUIT":
					say("221 bye")
				default:
					say("250 OK")
				}
			}
			_ = conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, got
}

func TestMail(t *testing.T) {
	at, got := mailServer(t, nil, func(string) string { return "" })
	n := make1(t, NewSMTP, map[string]any{"host": "127.0.0.1", "port": at, "from": "Bot <bot@example.com>", "to": "you@example.com", "allow_plain": true})
	if err := n.Notify(t.Context(), &port.Notification{Subject: "über\r\nBcc: evil@example.com", Text: "line\n.\nend é"}); err != nil {
		t.Fatal(err)
	}
	text := <-got
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	plain, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(strings.TrimSpace(body), "\r\n", ""))
	if err != nil || string(plain) != "line\n.\nend é" {
		t.Errorf("the text is %q, %v", plain, err)
	}
	if strings.Contains(head, "\nBcc:") || !strings.Contains(head, "To: <you@example.com>") || !strings.Contains(head, "=?utf-8?q?") {
		t.Errorf("the headers are %q", head)
	}
	for name, to := range map[string]string{"no address": "nobody", "two lines": "a@example.com\r\nRCPT TO:<b@example.com>"} {
		if err := n.Notify(t.Context(), &port.Notification{To: []string{to}}); err == nil || port.AsError(err).Class != port.ClassInvalidInput {
			t.Errorf("%s gives %v", name, err)
		}
	}
}

func TestMailThatIsNotSent(t *testing.T) {
	at, _ := mailServer(t, nil, func(string) string { return "" })
	strict := make1(t, NewSMTP, map[string]any{"host": "127.0.0.1", "port": at, "from": "bot@example.com", "to": "you@example.com"})
	if err := strict.Notify(t.Context(), &port.Notification{}); err == nil || !strings.Contains(err.Error(), "offers no encryption") {
		t.Errorf("a server without encryption gives %v", err)
	}
	at, _ = mailServer(t, []string{"AUTH PLAIN"}, func(line string) string {
		if strings.HasPrefix(line, "AUTH") {
			return "535 wrong: " + strings.TrimPrefix(line, "AUTH PLAIN ")
		}
		return ""
	})
	keyed := make1(t, NewSMTP, map[string]any{"host": "127.0.0.1", "port": at, "from": "bot@example.com", "to": "you@example.com", "username": "me", "password": canary, "allow_plain": true})
	err := keyed.Notify(t.Context(), &port.Notification{})
	e := port.AsError(err)
	if e == nil || e.Retryable || !e.Definite || strings.Contains(e.Message, canary) || strings.Contains(e.Message, base64.StdEncoding.EncodeToString([]byte("\x00me\x00"+canary))) {
		t.Errorf("a wrong password gives %+v", e)
	}
	at, _ = mailServer(t, nil, func(line string) string {
		if strings.HasPrefix(line, "RCPT") {
			return "451 try later"
		}
		return ""
	})
	later := make1(t, NewSMTP, map[string]any{"host": "127.0.0.1", "port": at, "from": "bot@example.com", "to": "you@example.com", "allow_plain": true})
	if e := port.AsError(later.Notify(t.Context(), &port.Notification{})); e == nil || !e.Retryable || !e.Definite {
		t.Errorf("a busy server gives %+v", e)
	}
}
