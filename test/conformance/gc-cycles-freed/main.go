// Objects that point to each other in a ring are freed like others: reachability counts, not references.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	next, back *object
	_          [5000]byte
}

var entry *object

//go:noinline
func ring(count int) {
	first := &object{}
	last := first
	for range count - 1 {
		o := &object{back: last}
		last.next, last = o, o
	}
	last.next, first.back = first, last
	entry = first
}

func main() {
	probe.Still()
	start := probe.Live(5376)
	ring(50)
	runtime.GC()
	fmt.Println("held by one", probe.Live(5376)-start)
	entry = nil
	runtime.GC()
	fmt.Println("dropped", probe.Live(5376)-start)
}
