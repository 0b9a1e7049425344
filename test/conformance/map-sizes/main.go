// What a map takes when it is made for n entries.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var (
	ints    map[int]int
	strings map[string]string
	sets    map[int]struct{}
)

func main() {
	probe.Still()
	for _, n := range []int{0, 1, 7, 8, 9, 14, 15, 28, 29, 56, 57, 100, 500, 896} {
		a := probe.Measure(func() { ints = make(map[int]int, n) })
		b := probe.Measure(func() { strings = make(map[string]string, n) })
		c := probe.Measure(func() { sets = make(map[int]struct{}, n) })
		fmt.Println(n, "ints", a.Mallocs, a.Bytes, "strings", b.Mallocs, b.Bytes, "sets", c.Mallocs, c.Bytes)
	}
}
