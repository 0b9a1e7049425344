// Objects with pointers above 512 bytes carry a header of 8 bytes, so they may need the next size class.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var kept []*int

func main() {
	probe.Still()
	for _, bytes := range []int{
		8, 16, 24, 32, 40, 48, 56, 64, 128, 256, 504, 512, 520, 568, 576, 640, 760, 768, 896, 1016, 1024, 1144, 1152,
		1272, 1280, 2040, 2048, 4088, 4096, 8184, 8192, 16376, 16384, 18424, 18432, 32752, 32760, 32768, 65536,
	} {
		change := probe.Measure(func() { kept = make([]*int, bytes/8) })
		fmt.Println(bytes, change.Mallocs, change.Bytes)
	}
}
