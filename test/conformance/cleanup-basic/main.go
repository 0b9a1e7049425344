// A cleanup runs after its object was freed, with the argument given when it was set: the cycle that
// finds the object dead frees it and queues the cleanup.
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
	runtime.AddCleanup(&object{}, func(name string) { said <- name }, "argument")
}

func main() {
	probe.Still()
	start := probe.Live(5376)
	create()
	fmt.Println("objects", probe.Live(5376)-start)
	runtime.GC()
	fmt.Println("objects", probe.Live(5376)-start, "said", said.Rest())
	fmt.Println("later", said.Collect())
}
