// With one P a new goroutine runs next, before those that were waiting; the others come in their order.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

func main() {
	probe.Still()
	said := probe.NewSaid()
	for i := range 5 {
		go func() { said <- fmt.Sprint(i) }()
	}
	runtime.Gosched()
	fmt.Println("order", said.Rest())
}
