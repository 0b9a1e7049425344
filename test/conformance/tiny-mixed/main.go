// Tiny objects are aligned by their size, and of two blocks the one with more room left stays in use.
//
// compare: exact
package main

import (
	"fmt"
	"unsafe"

	"conformance/probe"
)

var kept [10]unsafe.Pointer

//go:noinline
func create() {
	kept[0] = unsafe.Pointer(new([1]byte))
	kept[1] = unsafe.Pointer(new([2]byte))
	kept[2] = unsafe.Pointer(new([3]byte))
	kept[3] = unsafe.Pointer(new([4]byte))
	kept[4] = unsafe.Pointer(new([14]byte))
	kept[5] = unsafe.Pointer(new([1]byte))
	kept[6] = unsafe.Pointer(new([3]byte))
	kept[7] = unsafe.Pointer(new([8]byte))
	kept[8] = unsafe.Pointer(new([6]byte))
	kept[9] = unsafe.Pointer(new([2]byte))
}

func main() {
	probe.Still()
	change := probe.Measure(create)
	fmt.Println("mallocs", change.Mallocs, "blocks", change.Objects)
	block := map[uintptr]int{}
	for i, pointer := range kept {
		address := uintptr(pointer)
		base := address &^ 15
		if _, known := block[base]; !known {
			block[base] = len(block)
		}
		fmt.Println("object", i, "block", block[base], "offset", address-base)
	}
}
