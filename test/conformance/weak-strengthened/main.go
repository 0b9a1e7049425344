// What Value gives is an ordinary pointer: it keeps the object for as long as it is held.
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
	value int
	next  *object
}

var strong *object

//go:noinline
func create() weak.Pointer[object] {
	return weak.Make(&object{value: 1})
}

func main() {
	probe.Still()
	w := create()
	strong = w.Value()
	runtime.GC()
	fmt.Println("held by what Value gave", w.Value() != nil)
	strong = nil
	runtime.GC()
	fmt.Println("dropped", w.Value() != nil)
}
