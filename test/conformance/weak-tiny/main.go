// A weak pointer to a tiny object holds as long as anything in its 16-byte block does.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"weak"

	"conformance/probe"
)

var kept *uint32

//go:noinline
func create() weak.Pointer[uint32] {
	first, second := new(uint32), new(uint32)
	*first, kept = 7, second
	return weak.Make(first)
}

func main() {
	probe.Still()
	w := create()
	for range 3 {
		runtime.GC()
	}
	fmt.Println("neighbour held", w.Value() != nil)
	kept = nil
	runtime.GC()
	fmt.Println("block dropped", w.Value() != nil)
}
