// The block from which a P serves tiny objects is a root of the cycle that starts then, so a dead tiny
// object in it is finalized one cycle later than others.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type word struct{ next *word }

var said = probe.NewSaid()

//go:noinline
func create() {
	runtime.SetFinalizer(&word{}, func(*word) { said <- "word" })
	runtime.SetFinalizer(new(uint16), func(*uint16) { said <- "tiny" })
}

func main() {
	probe.Still()
	create()
	for cycle := 1; cycle <= 3; cycle++ {
		fmt.Println("cycle", cycle, said.Collect())
	}
}
