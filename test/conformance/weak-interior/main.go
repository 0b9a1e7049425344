// A weak pointer into an object gives that very address, for as long as anything keeps the object.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"weak"

	"conformance/probe"
)

type object struct {
	values [8]int
	next   *object
}

var kept *object

//go:noinline
func create() weak.Pointer[int] {
	kept = new(object)
	kept.values[5] = 55
	return weak.Make(&kept.values[5])
}

func main() {
	probe.Still()
	w := create()
	runtime.GC()
	fmt.Println("value", *w.Value(), "same address", w.Value() == &kept.values[5])
	kept = nil
	runtime.GC()
	fmt.Println("nil", w.Value() == nil)
}
