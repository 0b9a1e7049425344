// Freed slots are used again before the heap grows: after every second object was dropped, as many new
// ones need no new span.
//
// compare: range
// vary: spans-more
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	next *object
	_    [880]byte
}

var kept []*object

func main() {
	probe.Still()
	kept = make([]*object, 9000)
	for i := range kept {
		kept[i] = &object{}
	}
	for i := 0; i < len(kept); i += 2 {
		kept[i] = nil
	}
	runtime.GC()
	start := probe.Stats().HeapInuse
	for i := 0; i < len(kept); i += 2 {
		kept[i] = &object{}
	}
	fmt.Println("spans-more", int64(probe.Stats().HeapInuse-start)>>13)
	runtime.KeepAlive(kept)
}
