// An object that points to itself is finalized and then freed like any other: while the collector looks
// through an object that has a finalizer, it passes over pointers into that same object. That holds for
// the piece of 128 KiB that it looks through at once: a pointer from a later piece of a large object to
// the object's start keeps the object for ever.
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
	self *object
	_    [5000]byte
}

type large struct {
	self  *large
	_     [200_000]byte
	start *large
}

var said = probe.NewSaid()

//go:noinline
func create() {
	o := &object{name: "small"}
	o.self = o
	runtime.SetFinalizer(o, func(o *object) { said <- o.name })
}

//go:noinline
func createLarge() {
	first, second := &large{}, &large{}
	first.self, second.start = first, second
	runtime.SetFinalizer(first, func(*large) { said <- "from-the-first-piece" })
	runtime.SetFinalizer(second, func(*large) { said <- "from-the-second-piece" })
}

func main() {
	probe.Still()
	before := probe.Live(5376)
	create()
	for cycle := 1; cycle <= 3; cycle++ {
		fmt.Println("small, cycle", cycle, said.Collect(), probe.Live(5376)-before)
	}
	createLarge()
	for cycle := 1; cycle <= 3; cycle++ {
		fmt.Println("large, cycle", cycle, said.Collect())
	}
}
