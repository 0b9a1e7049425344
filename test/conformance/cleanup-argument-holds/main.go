// A cleanup's argument that leads back to the object keeps it for ever; one that does not is kept until
// the cleanup has run.
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

type box struct {
	to *object
	_  [2500]byte
}

var said = probe.NewSaid()

//go:noinline
func leak() {
	o := &object{}
	runtime.AddCleanup(o, func(*box) { said <- "leaked" }, &box{to: o})
}

//go:noinline
func fine() {
	runtime.AddCleanup(&object{}, func(*box) { said <- "fine" }, &box{})
}

func main() {
	probe.Still()
	objects, boxes := probe.Live(5376), probe.Live(2688)
	fine()
	leak()
	for cycle := range 4 {
		fmt.Println("cycle", cycle, "objects", probe.Live(5376)-objects, "boxes", probe.Live(2688)-boxes)
		fmt.Println("said", said.Collect())
	}
}
