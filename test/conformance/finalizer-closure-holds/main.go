// A finalizer that is a closure over its own object keeps the object alive for ever.
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

//go:noinline
func create() {
	held, free := &object{name: "held"}, &object{name: "free"}
	runtime.SetFinalizer(held, func(*object) { said <- held.name })
	runtime.SetFinalizer(free, func(o *object) { said <- o.name })
}

func main() {
	probe.Still()
	create()
	for cycle := 1; cycle <= 3; cycle++ {
		fmt.Println("cycle", cycle, said.Collect())
	}
}
