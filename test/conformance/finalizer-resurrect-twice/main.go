// A finalizer may bring its object back. Without a new finalizer the next death is quiet; with one, it
// runs again.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	value int
	self  *object
}

var (
	said = probe.NewSaid()
	kept *object
)

func revive(o *object) {
	kept = o
	said <- fmt.Sprint("revived-", o.value)
}

//go:noinline
func create() {
	o := &object{value: 7}
	runtime.SetFinalizer(o, revive)
}

func main() {
	probe.Still()
	create()
	fmt.Println("first", said.Collect())
	fmt.Println("held", said.Collect(), kept.value)
	kept.value = 8
	runtime.SetFinalizer(kept, revive)
	kept = nil
	fmt.Println("second", said.Collect())
	fmt.Println("back", kept.value)
	kept = nil
	fmt.Println("third", said.Collect())
	fmt.Println("gone", kept == nil)
}
