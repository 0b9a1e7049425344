// An object with a finalizer and a cleanup: the finalizer comes first and the object lives through that
// cycle; the cleanup comes when it is found dead again.
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

var (
	said = probe.NewSaid()
	kept *object
)

//go:noinline
func create() {
	o := &object{name: "finalizer"}
	runtime.AddCleanup(o, func(name string) { said <- name }, "cleanup")
	runtime.SetFinalizer(o, func(o *object) {
		said <- o.name
		kept = o
	})
}

func main() {
	probe.Still()
	create()
	fmt.Println("cycle 1", said.Collect())
	fmt.Println("cycle 2, brought back", said.Collect())
	kept = nil
	fmt.Println("cycle 3, dropped", said.Collect())
	fmt.Println("cycle 4", said.Collect())
}
