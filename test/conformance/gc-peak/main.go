// The largest HeapAlloc seen when nothing stays (the goal is 4 MiB) and over 8 MiB of live heap (about 16).
// It passes the goal, because it counts what is dead and not yet swept. In KiB.
//
// compare: range
// vary: empty, live
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

type node struct {
	next *node
	_    [1016]byte
}

var (
	list *node
	kept *node
	peak = []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
)

func largest() (most uint64) {
	for range 512 {
		for range 128 {
			kept = new(node)
		}
		metrics.Read(peak)
		most = max(most, peak[0].Value.Uint64())
	}
	return most >> 10
}

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(100)
	runtime.GC()
	fmt.Println("empty", largest())
	for range 7280 {
		list = &node{next: list}
	}
	runtime.GC()
	runtime.GC()
	fmt.Println("live", largest())
	runtime.KeepAlive(list)
}
