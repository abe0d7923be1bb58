package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"hexdag.dev/hexdag/runtime/adapter/model"
	"hexdag.dev/hexdag/runtime/adapter/transport"
	"hexdag.dev/hexdag/runtime/port"
)

// WebhookName is the canonical name of the adapter that posts to an address.
const WebhookName = "webhook"

// NewWebhook is the port.Factory of webhooks.
//
//	url      where messages are posted to, as {text, subject, to, data}: services
//	         that take {text} (Slack, Mattermost) take it as it is
//	headers  further headers
//	timeout  of one message, default 30 seconds
func NewWebhook(_ context.Context, spec port.Spec) (port.Adapter, error) {
	c := port.ReadConfig(spec)
	w := &Webhook{url: c.Text("url"), headers: model.TextMap(c, "headers"), timeout: c.Duration("timeout")}
	if w.timeout == 0 {
		w.timeout = 30 * time.Second
	}
	u, err := url.Parse(w.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		c.Faultf("\"url\" must be an address such as https://example.com/hook")
	} else {
		// The path of a hook is its key.
		w.o = transport.Options{Service: fmt.Sprintf("the webhook of port %q", spec.Port), AnyBody: true, Secrets: []string{w.url, u.RequestURI()}}
	}
	for _, v := range w.headers {
		if len(v) >= 16 {
			w.o.Secrets = append(w.o.Secrets, v)
		}
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	w.http = transport.New(w.o)
	return w, nil
}

// Webhook posts messages. It is safe for concurrent use.
type Webhook struct {
	url     string
	headers map[string]string
	timeout time.Duration
	o       transport.Options
	http    *http.Client
}

// Class is port.Write.
func (w *Webhook) Class() port.Class { return port.Write }

// Close closes idle connections.
func (w *Webhook) Close(context.Context) error {
	w.http.CloseIdleConnections()
	return nil
}

// Notify posts one message.
func (w *Webhook) Notify(ctx context.Context, n *port.Notification) error {
	message := struct {
		Text    string          `json:"text"`
		Subject string          `json:"subject,omitempty"`
		To      []string        `json:"to,omitempty"`
		Data    json.RawMessage `json:"data,omitempty"`
	}{Text: n.Text, Subject: n.Subject, To: n.To}
	if !n.Data.IsNull() && !n.Data.IsMissing() {
		raw, err := model.JSON("the data of the notification", n.Data)
		if err != nil {
			return err
		}
		message.Data = raw
	}
	text, err := json.Marshal(message)
	if err != nil {
		return port.Errorf(port.ClassInvalidInput, "the notification has no JSON: %s", err)
	}
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	ctx, x := transport.Begin(ctx, false)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(text))
	if err != nil {
		return port.Errorf(port.ClassInvalidInput, "the address of the webhook cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", model.Key(n.Call))
	for k, v := range w.headers {
		req.Header.Set(k, v)
	}
	resp, err := w.http.Do(req)
	if err != nil {
		return x.Failure(ctx, w.o, err)
	}
	return resp.Body.Close()
}
