// A weak pointer does not keep its object; once a cycle found it dead, Value gives nil.
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

var kept *object

//go:noinline
func read(w weak.Pointer[object]) string {
	if o := w.Value(); o != nil {
		return fmt.Sprint(o.value)
	}
	return "nil"
}

//go:noinline
func create() weak.Pointer[object] {
	kept = &object{value: 42}
	return weak.Make(kept)
}

func main() {
	probe.Still()
	w := create()
	fmt.Println("fresh", read(w))
	runtime.GC()
	fmt.Println("held", read(w))
	kept = nil
	fmt.Println("dropped", read(w))
	runtime.GC()
	fmt.Println("collected", read(w))
}
