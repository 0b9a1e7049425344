// How a map grows as it is filled: one group of 8, then tables that double.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var (
	ints     map[int]int
	pointers map[int]*int
)

func main() {
	probe.Still()
	for _, n := range []int{1, 8, 9, 14, 15, 28, 29, 100, 500, 800} {
		a := probe.Measure(func() {
			ints = map[int]int{}
			for i := range n {
				ints[i] = i
			}
		})
		b := probe.Measure(func() {
			pointers = map[int]*int{}
			for i := range n {
				pointers[i] = nil
			}
		})
		fmt.Println(n, "ints", a.Mallocs, a.Bytes, "pointers", b.Mallocs, b.Bytes)
	}
}
