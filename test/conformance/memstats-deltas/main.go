// By how much Mallocs, Frees, TotalAlloc, HeapAlloc and HeapObjects move when known objects are allocated
// and dropped: in steps, as the collector frees.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	next *object
	_    [2600]byte
}

var list *object

func main() {
	probe.Still()
	for _, count := range []int{10, 100, 1000} {
		change := probe.Measure(func() {
			for range count {
				list = &object{next: list}
			}
		})
		fmt.Println(count, "Mallocs", change.Mallocs, "Frees", change.Frees, "TotalAlloc", change.Bytes,
			"HeapAlloc", change.Alloc, "HeapObjects", change.Objects)
	}
	start := probe.Live(2688)
	runtime.GC()
	fmt.Println("all held", probe.Live(2688)-start)
	for range 500 {
		list = list.next
	}
	runtime.GC()
	fmt.Println("500 dropped", probe.Live(2688)-start)
	list = nil
	runtime.GC()
	fmt.Println("all dropped", probe.Live(2688)-start)
}
