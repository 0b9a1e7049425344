// The heap takes memory from the system 4 MiB at a time.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var kept [][]byte

func main() {
	probe.Still()
	sys := func() uint64 {
		m := probe.Stats()
		return m.HeapSys + m.StackInuse
	}
	before := sys()
	steps := 0
	for range 200 {
		kept = append(kept, make([]byte, 1<<17))
		after := sys()
		if after == before+4<<20 {
			steps++
		}
		before = after
	}
	fmt.Println("six steps or more", steps >= 6)
}
