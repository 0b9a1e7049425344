// An object has one finalizer.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
)

type object struct {
	value int
	next  *object
}

var kept *object

func main() {
	defer fmt.Println("deferred calls do not run")
	defer func() { recover() }()
	fmt.Println("before")
	kept = new(object)
	runtime.SetFinalizer(kept, func(*object) {})
	runtime.SetFinalizer(kept, func(*object) {})
	fmt.Println("after")
}
