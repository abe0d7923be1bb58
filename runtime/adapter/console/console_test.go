package console_test

import (
	"strings"
	"testing"

	"hexdag.dev/hexdag/runtime/adapter/console"
	"hexdag.dev/hexdag/runtime/port"
)

func TestConsole(t *testing.T) {
	var log []string
	ctx := port.WithLog(t.Context(), func(line string) { log = append(log, line) })
	a, err := console.New(t.Context(), port.Spec{Port: "notify"})
	if err != nil {
		t.Fatal(err)
	}
	n := a.(port.Notifier)
	if err := n.Notify(ctx, &port.Notification{To: []string{"a", "b"}, Subject: "hi\nthere", Text: "one\ntwo\n"}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(log, "|"); got != "notification to a, b: hi …|  one|  two" {
		t.Errorf("the log is %q", got)
	}
}
