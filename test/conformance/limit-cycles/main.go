// With GOGC off and a memory limit, cycles begin only when the limit is near: the first after about as many
// bytes as the limit leaves, and Sys - HeapReleased stays below it.
//
// compare: range
// vary: cycles
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
	debug.SetMemoryLimit(32 << 20)
	start := probe.Stats().NumGC
	held := true
	for i := range 128 << 4 {
		kept = make([]byte, 1<<16)
		if i%64 == 0 {
			m := probe.Stats()
			held = held && m.Sys-m.HeapReleased <= 33<<20
		}
	}
	runtime.KeepAlive(kept)
	fmt.Println("cycles", probe.Stats().NumGC-start)
	fmt.Println("held", held)
}
