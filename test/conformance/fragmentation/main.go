// Go does not move objects: after every second one was freed, the rest is where it was, the spans stay in
// use, and a larger object does not fit between them.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"unsafe"

	"conformance/probe"
)

type object struct {
	next *object
	_    [4000]byte
}

var (
	kept  [2000]*object
	large *[8000]byte
)

func main() {
	probe.Still()
	for i := range kept {
		kept[i] = &object{}
	}
	var addresses [2000]uintptr
	for i, o := range kept {
		addresses[i] = uintptr(unsafe.Pointer(o))
	}
	for i := 0; i < len(kept); i += 2 {
		kept[i] = nil
	}
	before := probe.Stats().HeapInuse
	runtime.GC()
	after := probe.Stats()
	moved := 0
	for i := 1; i < len(kept); i += 2 {
		if uintptr(unsafe.Pointer(kept[i])) != addresses[i] {
			moved++
		}
	}
	fmt.Println("moved", moved)
	fmt.Println("half of the bytes are free", after.HeapAlloc < before*6/10)
	fmt.Println("the spans are in use", after.HeapInuse > before*9/10)
	large = new([8000]byte)
	inside := false
	for i := 0; i < len(kept); i += 2 {
		inside = inside || uintptr(unsafe.Pointer(large)) == addresses[i]
	}
	fmt.Println("a larger object between them", inside)
}
