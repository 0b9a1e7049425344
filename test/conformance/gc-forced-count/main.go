// Every call of runtime.GC is one cycle, counted in NumGC and in NumForcedGC; so is FreeOSMemory.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"conformance/probe"
)

func main() {
	probe.Still()
	start := probe.Stats()
	for i := 1; i <= 5; i++ {
		runtime.GC()
		m := probe.Stats()
		fmt.Println(i, m.NumGC-start.NumGC, m.NumForcedGC-start.NumForcedGC)
	}
	debug.FreeOSMemory()
	m := probe.Stats()
	fmt.Println("FreeOSMemory", m.NumGC-start.NumGC, m.NumForcedGC-start.NumForcedGC)
}
