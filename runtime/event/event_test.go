package event

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hexdag.dev/hexdag/lang/value"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAppendJSON(t *testing.T) {
	data := value.NewObject(1)
	data.Set("result", value.String("x\n"))
	e := Event{Seq: 3, Time: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.FixedZone("x", 3600)), RunID: "r1", Type: "NodeCompleted", Node: "a[0]/b", Data: data.Value()}
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"seq":3,"time":"2026-01-02T02:04:05.000006000Z","run_id":"r1","type":"NodeCompleted","node":"a[0]/b","process":null,"data":{"result":"x\n"}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func closeBus(t *testing.T, b *Bus) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return b.Close(ctx)
}

func TestObserversSeeEverythingInOrder(t *testing.T) {
	var a, b []uint64
	bus := NewBus(ObserverFunc(func(e Event) { a = append(a, e.Seq) }), ObserverFunc(func(e Event) { b = append(b, e.Seq) }))
	for i := range 1000 {
		bus.Publish(Event{Seq: uint64(i + 1)})
	}
	if err := closeBus(t, bus); err != nil {
		t.Fatal(err)
	}
	for _, got := range [][]uint64{a, b} {
		if len(got) != 1000 || got[0] != 1 || got[999] != 1000 {
			t.Errorf("an observer saw %d events", len(got))
		}
	}
}

func TestSlowObserverLosesTheMomentFirstAndIsTold(t *testing.T) {
	gate := make(chan struct{})
	var numbered, dropped int
	bus := NewBus(ObserverFunc(func(e Event) {
		<-gate
		switch {
		case e.Type == EventsDropped:
			obj, _ := e.Data.Object()
			n, _ := obj.Get("count")
			i, _ := n.AsInt()
			dropped += int(i)
		case e.Seq > 0:
			numbered++
		}
	}))
	for range 100 {
		bus.Publish(Event{Type: LLMTokenStreamed})
	}
	const many = QueueSize - 1 // and the announcement
	for i := range many {
		bus.Publish(Event{Seq: uint64(i + 1)})
	}
	close(gate)
	if err := closeBus(t, bus); err != nil {
		t.Fatal(err)
	}
	if numbered != many {
		t.Errorf("%d of %d numbered events were seen", numbered, many)
	}
	if dropped < 98 || dropped > 100 { // the first may have been taken already
		t.Errorf("%d events were announced as dropped", dropped)
	}
}

type lossless struct{ ObserverFunc }

func (lossless) Lossless() {}

func TestLosslessObserverIsWaitedFor(t *testing.T) {
	seen := 0
	bus := NewBus(lossless{func(Event) { seen++ }})
	for range 3 * QueueSize {
		bus.Publish(Event{})
	}
	if err := closeBus(t, bus); err != nil {
		t.Fatal(err)
	}
	if seen != 3*QueueSize {
		t.Errorf("saw %d of %d", seen, 3*QueueSize)
	}
}

func TestBrokenObserversDisturbNobody(t *testing.T) {
	seen := 0
	bus := NewBus(lossless{func(Event) { panic("broken") }}, ObserverFunc(func(Event) { seen++ }))
	for range QueueSize + 10 {
		bus.Publish(Event{Seq: 1})
	}
	if err := closeBus(t, bus); err == nil {
		t.Error("the panic was not reported")
	}
	if seen < QueueSize {
		t.Errorf("the other observer saw %d events", seen)
	}
}

func TestCloseDoesNotWaitForever(t *testing.T) {
	block := make(chan struct{})
	bus := NewBus(ObserverFunc(func(Event) { <-block }))
	bus.Publish(Event{Seq: 1})
	bus.Publish(Event{Seq: 2})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := bus.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Close says %v", err)
	}
	close(block)
	if err := closeBus(t, bus); err != nil {
		t.Error(err)
	}
}

func TestNilBusIsEmpty(t *testing.T) {
	var b *Bus
	if !b.Empty() || b.Close(t.Context()) != nil {
		t.Error("a nil bus is not empty")
	}
	b.Publish(Event{})
}
