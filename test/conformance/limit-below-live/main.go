// A limit below the live heap does not stop the program: it collects again and again, and goes on.
//
// compare: exact
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
	for range 32 {
		live = append(live, make([]byte, 1<<18))
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(4 << 20)
	start := probe.Stats().NumGC
	for range 1000 {
		kept = make([]byte, 1<<15)
	}
	fmt.Println("more than 20 cycles", probe.Stats().NumGC-start > 20)
	fmt.Println("live", len(live))
	runtime.KeepAlive(live)
}
