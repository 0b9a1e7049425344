// Tiny objects in one block have their own cleanups, and all of them run when the whole block is dead.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var (
	said = probe.NewSaid()
	kept *uint32
)

//go:noinline
func create() {
	for i := range 4 {
		p := new(uint32)
		runtime.AddCleanup(p, func(i int) { said <- fmt.Sprint(i) }, i)
		if i == 1 {
			kept = p
		}
	}
}

func main() {
	probe.Still()
	create()
	fmt.Println("held", said.Collect())
	fmt.Println("held", said.Collect())
	kept = nil
	fmt.Println("dropped", said.Collect())
}
