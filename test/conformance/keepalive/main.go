// An object may die at its last use, within the function that holds it; KeepAlive marks a later last use.
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
func create(name string) *object {
	o := &object{name: name}
	runtime.SetFinalizer(o, func(o *object) { said <- o.name })
	return o
}

//go:noinline
func without() {
	o := create("without")
	fmt.Println("using", o.name)
	fmt.Println("inside", said.Collect())
}

//go:noinline
func with() {
	o := create("with")
	fmt.Println("using", o.name)
	fmt.Println("inside", said.Collect())
	runtime.KeepAlive(o)
}

func main() {
	probe.Still()
	without()
	with()
	fmt.Println("outside", said.Collect())
}
