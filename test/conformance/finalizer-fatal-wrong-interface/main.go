// A finalizer that takes an interface wants an object that implements it.
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
	runtime.SetFinalizer(new(object), func(fmt.Stringer) {})
	fmt.Println("after")
}
