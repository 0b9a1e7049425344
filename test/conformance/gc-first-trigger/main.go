// The first cycle of a process begins shortly before the goal of 4 MiB, at 3,997,696 bytes of heapLive,
// which counts the spans that Ps hold as full.
//
// compare: range
// vary: allocated
package main

import (
	"fmt"
	"runtime/metrics"
)

var (
	kept   []byte
	sample = []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/allocs:bytes"}}
)

func main() {
	for {
		for range 16 {
			kept = make([]byte, 1024)
		}
		metrics.Read(sample)
		if sample[0].Value.Uint64() > 0 {
			break
		}
	}
	fmt.Println("allocated", sample[1].Value.Uint64())
}
