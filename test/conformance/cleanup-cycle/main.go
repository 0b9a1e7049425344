// Cleanups do not mind cycles: objects that point to each other are freed and their cleanups run.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	next *object
	_    [5000]byte
}

var said = probe.NewSaid()

//go:noinline
func create() {
	a, b, c := &object{}, &object{}, &object{}
	a.next, b.next, c.next = b, a, c
	for i, o := range []*object{a, b, c} {
		runtime.AddCleanup(o, func(i int) { said <- "ran" }, i)
	}
}

func main() {
	probe.Still()
	start := probe.Live(5376)
	create()
	fmt.Println("objects", probe.Live(5376)-start)
	fmt.Println("cycle", said.Collect(), probe.Live(5376)-start)
}
