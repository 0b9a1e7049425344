// A cleanup may be set on a pointer into an object; it belongs to the whole object.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	head [4]int
	tail [4]int
	next *object
}

var (
	said = probe.NewSaid()
	kept *object
)

//go:noinline
func create() {
	o := new(object)
	runtime.AddCleanup(&o.tail[2], func(name string) { said <- name }, "interior")
	kept = o
}

func main() {
	probe.Still()
	create()
	fmt.Println("held by its start", said.Collect())
	kept = nil
	fmt.Println("dropped", said.Collect())
}
