// A panic in a finalizer ends the program.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	name string
	next *object
}

//go:noinline
func create() {
	runtime.SetFinalizer(&object{name: "object"}, func(o *object) { panic("finalizer of " + o.name) })
}

func main() {
	probe.Still()
	create()
	fmt.Println("collect")
	probe.NewSaid().Collect()
	fmt.Println("not reached")
}
