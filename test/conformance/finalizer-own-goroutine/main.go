// The advice for a finalizer that takes long: start a goroutine. Then the others are not held up.
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
func create() {
	runtime.SetFinalizer(&object{name: "slow"}, func(o *object) {
		go func() {
			<-open
			said <- o.name
		}()
	})
}

//go:noinline
func createQuick() {
	runtime.SetFinalizer(&object{name: "quick"}, func(o *object) { said <- o.name })
}

func main() {
	probe.Still()
	create()
	fmt.Println("cycle 1", said.Collect())
	createQuick()
	fmt.Println("cycle 2", said.Collect())
	open <- true
	fmt.Println("opened", said.Rest())
}
