// SetFinalizer(x, nil) takes the finalizer away; without one it does nothing. After that another may be
// set, and only that one runs.
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

var said = probe.NewSaid()

func first(o *object)  { said <- o.name + "-first" }
func second(o *object) { said <- o.name + "-second" }

//go:noinline
func create() {
	cleared := &object{name: "cleared"}
	runtime.SetFinalizer(cleared, nil)
	runtime.SetFinalizer(cleared, first)
	runtime.SetFinalizer(cleared, nil)
	runtime.SetFinalizer(cleared, nil)
	replaced := &object{name: "replaced"}
	runtime.SetFinalizer(replaced, first)
	runtime.SetFinalizer(replaced, nil)
	runtime.SetFinalizer(replaced, second)
}

func main() {
	probe.Still()
	create()
	fmt.Println("cycle 1", said.Collect())
	fmt.Println("cycle 2", said.Collect())
}
