// SetGCPercent runs no cycle by itself, whatever the goal becomes.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"conformance/probe"
)

var kept [][]byte

func main() {
	probe.Still()
	for range 64 {
		kept = append(kept, make([]byte, 1<<17))
	}
	start := probe.Stats().NumGC
	for _, percent := range []int{100, 10, 400, 1, -1} {
		debug.SetGCPercent(percent)
	}
	fmt.Println("cycles", probe.Stats().NumGC-start)
	runtime.KeepAlive(kept)
}
