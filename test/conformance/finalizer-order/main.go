// A points to B and B to C, and each has a finalizer: a cycle runs one of them, in that order.
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

//go:noinline
func chain() {
	c := &node{"C", nil}
	b := &node{"B", c}
	a := &node{"A", b}
	for _, n := range []*node{c, b, a} {
		runtime.SetFinalizer(n, func(n *node) { said <- n.name })
	}
}

func main() {
	probe.Still()
	chain()
	for cycle := 1; cycle <= 4; cycle++ {
		fmt.Println("cycle", cycle, said.Collect())
	}
}
