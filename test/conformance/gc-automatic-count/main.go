// Cycles that the heap's growth starts count in NumGC only.
//
// compare: range
// vary: automatic
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"conformance/probe"
)

var kept []byte

func main() {
	probe.Still()
	start := probe.Stats()
	debug.SetGCPercent(100)
	for range 40 << 10 {
		kept = make([]byte, 1024)
	}
	debug.SetGCPercent(-1)
	runtime.GC()
	m := probe.Stats()
	forced := m.NumForcedGC - start.NumForcedGC
	fmt.Println("forced", forced)
	fmt.Println("automatic", m.NumGC-start.NumGC-forced)
}
