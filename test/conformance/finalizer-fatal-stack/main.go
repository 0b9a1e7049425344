// A variable on the stack cannot have a finalizer. Its address has to be hidden from escape analysis, which
// would move it to the heap.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"unsafe"
)

type object struct {
	value int
	next  *object
}

func main() {
	defer fmt.Println("deferred calls do not run")
	defer func() { recover() }()
	fmt.Println("before")
	var local object
	hidden := uintptr(unsafe.Pointer(&local))
	runtime.SetFinalizer((*object)(unsafe.Pointer(hidden)), func(*object) {})
	runtime.KeepAlive(local.value)
	fmt.Println("after")
}
