// With GOGC off no amount of garbage starts a cycle; runtime.GC still does.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"conformance/probe"
)

var kept []byte

func main() {
	debug.SetGCPercent(-1)
	start := probe.Stats()
	for range 64 {
		kept = make([]byte, 1<<20)
	}
	m := probe.Stats()
	fmt.Println("cycles", m.NumGC-start.NumGC, "heap grew by 64 MiB", m.HeapAlloc-start.HeapAlloc >= 64<<20)
	runtime.GC()
	m = probe.Stats()
	fmt.Println("forced", m.NumForcedGC-start.NumForcedGC, "under 3 MiB", m.HeapAlloc < 3<<20)
}
