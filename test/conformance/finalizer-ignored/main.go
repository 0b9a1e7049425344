// A global and an object of size zero take a finalizer without a word, even one that is no function, and
// never run it.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type empty struct{}

type object struct {
	value int
	next  *object
}

var (
	said   = probe.NewSaid()
	global object
)

//go:noinline
func create() {
	runtime.SetFinalizer(new(empty), func(*empty) { said <- "empty" })
	runtime.SetFinalizer(new([0]int), "no function")
	runtime.SetFinalizer(&global, func(*object) { said <- "global" })
	runtime.SetFinalizer(&global, func(*object) { said <- "global again" })
	runtime.SetFinalizer(&global.value, "no function")
}

func main() {
	probe.Still()
	fmt.Println(probe.Try(create))
	fmt.Println("cycle 1", said.Collect())
	fmt.Println("cycle 2", said.Collect())
}
