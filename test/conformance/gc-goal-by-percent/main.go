// NextGC is what the last cycle marked plus GOGC per cent of that, of the stacks it scanned and of globals;
// with GOGC 0 it is 1 MiB beyond what was marked, which leaves the sweep time.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"conformance/probe"
)

var (
	kept    [][]byte
	samples = []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}, {Name: "/gc/scan/globals:bytes"},
	}
)

func main() {
	probe.Still()
	for range 256 {
		kept = append(kept, make([]byte, 1<<16))
	}
	for _, percent := range []int{0, 25, 50, 100, 200, 400} {
		debug.SetGCPercent(percent)
		runtime.GC()
		m := probe.Stats()
		debug.SetGCPercent(-1)
		metrics.Read(samples)
		marked, stacks, globals := samples[0].Value.Uint64(), samples[1].Value.Uint64(), samples[2].Value.Uint64()
		goal := marked + (marked+stacks+globals)*uint64(percent)/100
		fmt.Println(percent, "marked 16 MiB and little more", marked>>20, "goal", m.NextGC == max(goal, marked+1<<20))
	}
	fmt.Println("off", probe.Stats().NextGC > 1<<60)
	runtime.KeepAlive(kept)
}
