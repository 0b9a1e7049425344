// One goroutine runs all finalizers: while one of them waits, no other runs, and the next cycles go on.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	name string
	next *object
}

var (
	said = probe.NewSaid()
	open = make(chan bool)
)

//go:noinline
func create(name string, wait bool) {
	runtime.SetFinalizer(&object{name: name}, func(o *object) {
		if wait {
			said <- o.name + "-waits"
			<-open
		}
		said <- o.name
	})
}

func main() {
	probe.Still()
	create("slow", true)
	fmt.Println("cycle 1", said.Collect())
	create("quick", false)
	fmt.Println("cycle 2", said.Collect())
	fmt.Println("cycle 3", said.Collect())
	open <- true
	fmt.Println("opened", said.Rest())
}
