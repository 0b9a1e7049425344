// Two objects that point to each other are never finalized, whether both have a finalizer or one; a
// cycle that an object with a finalizer only points to does no harm.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type node struct {
	name string
	next *node
}

var said = probe.NewSaid()

func speak(n *node) { said <- n.name }

//go:noinline
func both() {
	a, b := &node{name: "both-a"}, &node{name: "both-b"}
	a.next, b.next = b, a
	runtime.SetFinalizer(a, speak)
	runtime.SetFinalizer(b, speak)
}

//go:noinline
func one() {
	a, b := &node{name: "one-a"}, &node{name: "one-b"}
	a.next, b.next = b, a
	runtime.SetFinalizer(a, speak)
}

//go:noinline
func outside() {
	a, b, c := &node{name: "outside"}, &node{name: "b"}, &node{name: "c"}
	a.next, b.next, c.next = b, c, b
	runtime.SetFinalizer(a, speak)
}

func main() {
	probe.Still()
	both()
	one()
	outside()
	for cycle := 1; cycle <= 4; cycle++ {
		fmt.Println("cycle", cycle, said.Collect())
	}
}
