// A small heap's goal is 4 MiB times GOGC / 100, before the first cycle and after it.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"conformance/probe"
)

func main() {
	fmt.Println("start", probe.Stats().NextGC, "cycles", probe.Stats().NumGC)
	for _, percent := range []int{50, 100, 200, 400} {
		debug.SetGCPercent(percent)
		fmt.Println("set", percent, probe.Stats().NextGC)
	}
	for _, percent := range []int{100, 200, 400} {
		debug.SetGCPercent(percent)
		runtime.GC()
		fmt.Println("cycle", percent, probe.Stats().NextGC)
	}
}
