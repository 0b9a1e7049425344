// The first array of a slice that does not leave its function may lie on the stack: 32 bytes of it, so
// that short slices are not allocated at all.
//
// compare: exact
// since: go1.26
package main

import (
	"fmt"

	"conformance/probe"
)

//go:noinline
func collect(count int) (sum int) {
	var slice []int
	for i := range count {
		slice = append(slice, i)
	}
	for _, value := range slice {
		sum += value
	}
	return sum
}

func main() {
	probe.Still()
	for _, count := range []int{1, 4, 5, 8, 9, 100} {
		change := probe.Measure(func() { collect(count) })
		fmt.Println(count, "mallocs", change.Mallocs, "bytes", change.Bytes)
	}
}
