// A memory limit lowers the goal below what GOGC gives: the limit, less all memory in use that is no object,
// less a headroom of 3 % of that, at least 1 MiB; and never less than what is live.
//
// compare: exact
package main

import (
	"fmt"
	"math"
	"runtime/debug"

	"conformance/probe"
)

func main() {
	probe.Still()
	for _, limit := range []uint64{8, 16, 32, 40, 64, 256} {
		limit <<= 20
		debug.SetMemoryLimit(int64(limit))
		m := probe.Stats()
		goal := limit - (m.Sys - m.HeapIdle - m.HeapAlloc)
		goal -= max(goal/100*3, 1<<20)
		fmt.Println(limit>>20, "MiB", m.NextGC == goal)
	}
	debug.SetMemoryLimit(1 << 20)
	fmt.Println("1 MiB, under 1 MiB", probe.Stats().NextGC < 1<<20)
	debug.SetMemoryLimit(math.MaxInt64)
	fmt.Println("none", probe.Stats().NextGC > 1<<60)
}
