// BySize counts each object in the class whose slot it took; classes above 18,432 bytes have no row.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var (
	kept          [][]byte
	before, after runtime.MemStats
)

func main() {
	probe.Still()
	kept = make([][]byte, 0, 4096)
	for _, size := range []int{16, 20, 30, 100, 500, 1000, 1025, 2000, 5000, 9000, 18432, 18433, 32760, 40000} {
		runtime.ReadMemStats(&before)
		for range 7 {
			kept = append(kept, make([]byte, size))
		}
		runtime.ReadMemStats(&after)
		fmt.Print(size, ":")
		for i := range after.BySize {
			if count := after.BySize[i].Mallocs - before.BySize[i].Mallocs; count != 0 {
				fmt.Print(" ", count, " of ", after.BySize[i].Size)
			}
		}
		fmt.Println(" mallocs", after.Mallocs-before.Mallocs)
	}
	runtime.ReadMemStats(&before)
	clear(kept)
	runtime.GC()
	runtime.ReadMemStats(&after)
	for i := range after.BySize {
		if freed := after.BySize[i].Frees - before.BySize[i].Frees; freed >= 7 {
			fmt.Println("freed 7 or more of", after.BySize[i].Size)
		}
	}
}
