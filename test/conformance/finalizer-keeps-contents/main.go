// A finalizer is handed its object whole: what only the object pointed to is still there, and is freed
// one cycle after the finalizer ran, together with the object.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type leaf struct {
	value int
	_     [2000]byte
}

type object struct {
	leaf *leaf
	_    [1000]byte
}

var said = probe.NewSaid()

//go:noinline
func create() {
	runtime.SetFinalizer(&object{leaf: &leaf{value: 42}}, func(o *object) { said <- fmt.Sprint(o.leaf.value) })
}

func main() {
	probe.Still()
	objects, leaves := probe.Live(1024), probe.Live(2048)
	live := func() string {
		return fmt.Sprint("objects ", probe.Live(1024)-objects, " leaves ", probe.Live(2048)-leaves)
	}
	create()
	fmt.Println("created", live())
	fmt.Println("cycle 1", said.Collect(), live())
	fmt.Println("cycle 2", said.Collect(), live())
}
