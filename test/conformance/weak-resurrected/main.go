// An object that its finalizer brought back can have weak pointers again, but not those that it had.
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
	name string
	next *object
}

var (
	said = probe.NewSaid()
	kept *object
	old  weak.Pointer[object]
)

//go:noinline
func create() {
	o := &object{name: "object"}
	old = weak.Make(o)
	runtime.SetFinalizer(o, func(o *object) {
		kept = o
		said <- "revived"
	})
}

func main() {
	probe.Still()
	create()
	fmt.Println(said.Collect())
	again := weak.Make(kept)
	fmt.Println("old", old.Value() != nil, "new", again.Value() != nil, "equal", old == again)
	fmt.Println("twice", again == weak.Make(kept))
	kept = nil
	runtime.GC()
	fmt.Println("old", old.Value() != nil, "new", again.Value() != nil)
}
