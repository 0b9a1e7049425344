// The number of cycles for 96 MiB of garbage over 8 MiB of live heap, by GOGC: a cycle begins when the heap
// has grown by its percentage, so half the percentage means about twice the cycles.
//
// compare: range
// vary: cycles-50, cycles-100, cycles-200, cycles-400
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"conformance/probe"
)

var (
	live [][]byte
	kept []byte
)

func main() {
	runtime.GOMAXPROCS(1)
	for range 128 {
		live = append(live, make([]byte, 1<<16))
	}
	for _, percent := range []int{50, 100, 200, 400} {
		debug.SetGCPercent(percent)
		runtime.GC()
		start := probe.Stats().NumGC
		for range 96 << 8 {
			kept = make([]byte, 4096)
		}
		fmt.Printf("cycles-%d %d\n", percent, probe.Stats().NumGC-start)
	}
	runtime.KeepAlive(live)
}
