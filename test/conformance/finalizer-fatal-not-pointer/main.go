// Only pointers can have a finalizer.
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
	runtime.SetFinalizer(object{}, func(object) {})
	fmt.Println("after")
}
