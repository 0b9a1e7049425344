// The number of cycles for 256 MiB of garbage when nothing stays: about one per 4 MiB.
//
// compare: range
// vary: cycles-small, cycles-large
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"conformance/probe"
)

var kept []byte

func cycles(count, size int) uint32 {
	runtime.GC()
	start := probe.Stats().NumGC
	for range count {
		kept = make([]byte, size)
	}
	return probe.Stats().NumGC - start
}

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(100)
	fmt.Println("cycles-small", cycles(256<<10, 1024))
	fmt.Println("cycles-large", cycles(256, 1<<20))
}
