// Not recovered, AddCleanup's panic ends the program like any other.
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
	fmt.Println("before")
	o := new(object)
	runtime.AddCleanup(o, func(*object) {}, o)
	fmt.Println("after")
}
