// What append has allocated in all by the time a slice holds so many elements, and what is still held.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var (
	bytes    []byte
	ints     []int
	pointers []*int
)

func main() {
	probe.Still()
	for _, count := range []int{1, 10, 100, 1000, 10000, 100000} {
		bytes, ints, pointers = nil, nil, nil
		b := probe.Measure(func() {
			for range count {
				bytes = append(bytes, 1)
			}
		})
		i := probe.Measure(func() {
			for range count {
				ints = append(ints, 1)
			}
		})
		p := probe.Measure(func() {
			for range count {
				pointers = append(pointers, nil)
			}
		})
		fmt.Println(count, "bytes", b.Mallocs, b.Bytes, "ints", i.Mallocs, i.Bytes, "pointers", p.Mallocs, p.Bytes)
	}
	bytes, pointers = nil, nil
	runtime.GC()
	fmt.Println("cap", cap(ints))
}
