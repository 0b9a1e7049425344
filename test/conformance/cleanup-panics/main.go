// What AddCleanup refuses, it refuses with a panic that can be recovered, and nothing is set.
//
// compare: exact
// since: go1.26
package main

import (
	"fmt"
	"runtime"
	"unsafe"

	"conformance/probe"
)

type object struct {
	value int
	next  *object
}

var kept *object

func main() {
	probe.Still()
	kept = new(object)
	var local object
	hidden := uintptr(unsafe.Pointer(&local))
	for _, test := range []struct {
		name string
		run  func()
	}{
		{"nil", func() { runtime.AddCleanup((*object)(nil), func(int) {}, 1) }},
		{"equal", func() { runtime.AddCleanup(kept, func(*object) {}, kept) }},
		{"equal unsafe", func() { runtime.AddCleanup(kept, func(unsafe.Pointer) {}, unsafe.Pointer(kept)) }},
		{"within", func() { runtime.AddCleanup(kept, func(**object) {}, &kept.next) }},
		{"closure", func() {
			o := kept
			runtime.AddCleanup(o, func(int) { fmt.Println(o.value) }, 1)
		}},
		{"stack", func() { runtime.AddCleanup((*object)(unsafe.Pointer(hidden)), func(int) {}, 1) }},
		{"good", func() { runtime.AddCleanup(kept, func(int) {}, 1) }},
	} {
		fmt.Println(test.name+":", probe.Try(test.run))
	}
	runtime.KeepAlive(local.value)
}
