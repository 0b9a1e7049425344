// Finalizers that one sweep of a span queues run last first: the span is swept from its start.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type block struct {
	name string
	next *block
	_    [1760]byte
}

var said = probe.NewSaid()

//go:noinline
func blocks() {
	for _, name := range []string{"1", "2", "3", "4", "5"} {
		runtime.SetFinalizer(&block{name: name}, func(b *block) { said <- b.name })
	}
}

func main() {
	probe.Still()
	blocks()
	fmt.Println("order", said.Collect())
	fmt.Println("later", said.Collect())
}
