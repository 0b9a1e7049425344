// Objects below 16 bytes without pointers share 16-byte blocks. Each counts as a malloc and, at once, as
// a free; the block counts as an object.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

type (
	three  [3]byte
	five   [5]byte
	twelve [12]byte
)

var kept [128]any

func fill[T any](count int) func() {
	var pointers [128]*T
	return func() {
		for i := range count {
			pointers[i] = new(T)
		}
	}
}

func main() {
	probe.Still()
	for _, step := range []struct {
		name string
		run  func()
	}{
		{"byte 16", fill[byte](16)}, {"byte 17", fill[byte](17)}, {"uint16 9", fill[uint16](9)},
		{"three 16", fill[three](16)}, {"uint32 10", fill[uint32](10)}, {"five 10", fill[five](10)},
		{"uint64 7", fill[uint64](7)}, {"twelve 5", fill[twelve](5)}, {"string 3", fill[[2]uint64](3)},
	} {
		change := probe.Measure(step.run)
		fmt.Println(step.name, "mallocs", change.Mallocs, "frees", change.Frees, "objects", change.Objects, "bytes", change.Bytes)
	}
}
