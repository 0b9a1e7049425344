// debug.ReadGCStats: pauses newest first, at most 256; quantiles from the least to the largest.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"conformance/probe"
)

func main() {
	probe.Still()
	for range 300 {
		runtime.GC()
	}
	stats := debug.GCStats{PauseQuantiles: make([]time.Duration, 5)}
	debug.ReadGCStats(&stats)
	m := probe.Stats()
	fmt.Println("cycles", stats.NumGC, stats.NumGC == int64(m.NumGC))
	fmt.Println("pauses", len(stats.Pause), "ends", len(stats.PauseEnd))
	fmt.Println("newest first", uint64(stats.Pause[0]) == m.PauseNs[(m.NumGC+255)%256])
	fmt.Println("last", stats.LastGC.Equal(stats.PauseEnd[0]), uint64(stats.LastGC.UnixNano()) == m.LastGC)
	fmt.Println("total", uint64(stats.PauseTotal) == m.PauseTotalNs)
	sorted := slices.Sorted(slices.Values(stats.Pause))
	for i, index := range []int{0, 64, 128, 192, 255} {
		fmt.Println("quantile", i, stats.PauseQuantiles[i] == sorted[index])
	}
}
