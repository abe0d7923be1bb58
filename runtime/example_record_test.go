package runtime_test

import (
	"bytes"
	"context"
	"fmt"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/cassette"
	"hexdag.dev/hexdag/runtime/event"
	"hexdag.dev/hexdag/runtime/irtest"
	"hexdag.dev/hexdag/runtime/journal"
	"hexdag.dev/hexdag/runtime/port"
)

// A host gives programs functions of its own, and decides what stands behind their
// ports.
func ExampleOptions() {
	double := func(_ context.Context, input value.Value) (value.Value, error) {
		return value.Mul(input, value.Int(2))
	}
	runner, err := runtime.New(runtime.Options{
		Functions: map[string]port.Function{"double": port.FunctionOf(port.Hermetic, double)},
		Ports:     map[string]port.LLM{"llm": shouter{"!"}},
		Journal:   journal.NewMemory(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := runtime.LoadIR(irtest.New("both").
		Go("twice", "double").
		Port("llm", "mock", irtest.Object()).LLM("ask", "twice is {{ twice }}").
		Output("twice", "twice").Output("answer", "ask").Program())
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := runner.Run(context.Background(), program, value.Int(21))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(value.Str(result.Output))
	// Output: {'twice': 42, 'answer': 'TWICE IS 42!'}
}

// Observers see what happens, each event once, in order.
func ExampleOptions_observers() {
	runner, err := runtime.New(runtime.Options{Observers: []event.Observer{
		event.ObserverFunc(func(e event.Event) { fmt.Println(e.Seq, e.Type) }),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := runtime.LoadIR(irtest.New("watched").Expression("a", []string{"x", "1 + 1"}).Program())
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := runner.Run(context.Background(), program, value.Null); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 PipelineStarted
	// 2 NodeStarted
	// 3 NodeCompleted
	// 4 PipelineCompleted
}

// A run that failed is a result; its error tells why, as a sentence and as data.
func ExampleResult_Err() {
	runner, err := runtime.New(runtime.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := runtime.LoadIR(irtest.New("fails").Expression("a", []string{"x", "1 // n"}).Program())
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := runner.Run(context.Background(), program, irtest.Object("n", 0))
	if err != nil {
		fmt.Println(err) // it was not even started
		return
	}
	fmt.Println(result.Status, result.Error.Code, result.Error.Node)
	// Output: failed HX1003 a
}

// A recorded run plays back without the world: here the function may only be
// called once.
func ExampleRunner_PlayBack() {
	calls := 0
	runner, err := runtime.New(runtime.Options{Functions: map[string]port.Function{
		"fetch": port.FunctionOf(port.Read, func(context.Context, value.Value) (value.Value, error) {
			calls++
			return value.String("fresh"), nil
		}),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	program, err := runtime.LoadIR(irtest.New("fetching").Go("get", "fetch").Output("got", "get").Program())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, none := context.Background(), runtime.Overrides{}
	var recording bytes.Buffer
	if _, err := runner.Record(ctx, program, value.Null, none, &recording); err != nil {
		fmt.Println(err)
		return
	}
	tape, err := cassette.Read(&recording)
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := runner.PlayBack(ctx, program, value.Missing, none, tape)
	if err != nil {
		fmt.Println(err) // a *cassette.MissError tells where the program went another way
		return
	}
	fmt.Println(value.Str(result.Output), calls)
	// Output: {'got': 'fresh'} 1
}
