// Objects below 16 bytes without pointers share a block, and their finalizers share its fate: none runs
// while one of the objects is held, and then all of them do. The block in use counts as held for a cycle.
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
	var four [4]*uint32
	for i := range four {
		four[i] = new(uint32)
		*four[i] = uint32(i)
	}
	for _, p := range four {
		runtime.SetFinalizer(p, func(p *uint32) { said <- fmt.Sprint(*p) })
	}
	kept = four[2]
}

func main() {
	probe.Still()
	create()
	fmt.Println("held", said.Collect())
	fmt.Println("held", said.Collect())
	kept = nil
	fmt.Println("dropped", said.Collect())
	fmt.Println("later", said.Collect())
}
