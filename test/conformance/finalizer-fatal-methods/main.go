// Two pointer types with the same element are not the same to SetFinalizer when one has a name and the
// other has methods.
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

func (o *object) String() string { return fmt.Sprint(o.value) }

type pointer *object

func main() {
	defer fmt.Println("deferred calls do not run")
	defer func() { recover() }()
	fmt.Println("before")
	runtime.SetFinalizer(pointer(new(object)), func(*object) {})
	fmt.Println("after")
}
