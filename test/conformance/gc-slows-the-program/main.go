// runtime.GC makes its caller wait: the same work takes longer with collections in between, and the figures
// of MemStats tell of it.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"time"

	"conformance/probe"
)

type node struct {
	next *node
	_    [56]byte
}

var list, kept *node

func work(collect bool) time.Duration {
	start := time.Now()
	for i := range 20000 {
		kept = &node{}
		if collect && i%1000 == 0 {
			runtime.GC()
		}
	}
	return time.Since(start)
}

func main() {
	probe.Still()
	for range 50000 {
		list = &node{next: list}
	}
	before := probe.Stats()
	without, with := work(false), work(true)
	after := probe.Stats()
	fmt.Println("slower", with > without)
	fmt.Println("forced", after.NumForcedGC-before.NumForcedGC)
	fmt.Println("paused longer", after.PauseTotalNs > before.PauseTotalNs)
	fmt.Println("share of the CPU", after.GCCPUFraction > 0)
	runtime.KeepAlive(list)
}
