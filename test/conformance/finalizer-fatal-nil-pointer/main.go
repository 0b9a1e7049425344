// A nil pointer points to no allocated block.
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

func main() {
	defer fmt.Println("deferred calls do not run")
	defer func() { recover() }()
	fmt.Println("before")
	runtime.SetFinalizer((*object)(nil), func(*object) {})
	fmt.Println("after")
}
