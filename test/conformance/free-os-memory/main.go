// FreeOSMemory gives all free pages back: HeapReleased becomes HeapIdle, HeapSys stays, but
// for what stacks and the collector take of it.
//
// compare: range
// vary: grew-MiB, kept-KiB
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
	debug.FreeOSMemory()
	kept = make([]byte, 32<<20)
	for i := range kept {
		kept[i] = 1
	}
	full := probe.Stats()
	kept = nil
	runtime.GC()
	idle := probe.Stats()
	debug.FreeOSMemory()
	after := probe.Stats()
	fmt.Println("idle-after-GC", idle.HeapIdle-full.HeapIdle >= 31<<20)
	fmt.Println("inuse-fell", full.HeapInuse-idle.HeapInuse >= 31<<20)
	fmt.Println("grew-MiB", (after.HeapReleased-full.HeapReleased)>>20)
	fmt.Println("kept-KiB", (after.HeapIdle-after.HeapReleased)>>10)
	fmt.Println("HeapSys-fell-MiB", int64(full.HeapSys-after.HeapSys)/(1<<20))
}
