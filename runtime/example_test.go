package runtime_test

import (
	"context"
	"fmt"

	"hexdag.dev/hexdag/lang/value"
	"hexdag.dev/hexdag/runtime"
	"hexdag.dev/hexdag/runtime/irtest"
)

// A compiled program runs in ten lines. Here it is built by hand; `hexc build`
// makes one from a manifest, and runtime.Load reads it.
func Example() {
	program, err := runtime.LoadIR(irtest.New("greet").Expression("hello", []string{"text", "'Hello, ' + name"}).Output("result", "hello").Program())
	if err != nil {
		fmt.Println(err)
		return
	}
	runner, err := runtime.New(runtime.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := runner.Run(context.Background(), program, irtest.Object("name", "Ada"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Status, value.Str(result.Output))
	// Output: completed {'result': {'text': 'Hello, Ada'}}
}
