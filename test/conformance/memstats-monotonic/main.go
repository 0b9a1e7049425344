// TotalAlloc, Mallocs and Frees only grow; Alloc and HeapObjects fall when the collector frees.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var kept [][]byte

func main() {
	probe.Still()
	start := probe.Stats()
	for range 1000 {
		kept = append(kept, make([]byte, 2000))
	}
	full := probe.Stats()
	kept = nil
	runtime.GC()
	after := probe.Stats()
	fmt.Println("TotalAlloc grew", full.TotalAlloc > start.TotalAlloc, after.TotalAlloc >= full.TotalAlloc)
	fmt.Println("Mallocs grew", full.Mallocs > start.Mallocs, after.Mallocs >= full.Mallocs)
	fmt.Println("Frees grew", full.Frees >= start.Frees, after.Frees >= full.Frees+1000)
	fmt.Println("Alloc fell", after.Alloc+1000*2048 <= full.Alloc)
	fmt.Println("HeapObjects fell", after.HeapObjects+1000 <= full.HeapObjects)
}
