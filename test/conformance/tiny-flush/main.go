// ReadMemStats and a collection take the block of tiny objects away from the P: the next one begins a new
// block.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var kept [8]*byte

func main() {
	probe.Still()
	fmt.Println("together", probe.Measure(func() {
		for i := range 4 {
			kept[i] = new(byte)
		}
	}).Bytes)
	total := int64(0)
	for i := range 4 {
		total += probe.Measure(func() { kept[i] = new(byte) }).Bytes
	}
	fmt.Println("read between", total)
	fmt.Println("collected between", probe.Measure(func() {
		kept[0] = new(byte)
		runtime.GC()
		kept[1] = new(byte)
	}).Bytes >= 32)
}
