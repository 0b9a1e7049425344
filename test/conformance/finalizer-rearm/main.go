// A finalizer that sets itself again runs once in every cycle.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	runs int
	self *object
}

var said = probe.NewSaid()

func again(o *object) {
	o.runs++
	said <- fmt.Sprint(o.runs)
	if o.runs < 5 {
		runtime.SetFinalizer(o, again)
	}
}

//go:noinline
func create() {
	runtime.SetFinalizer(&object{}, again)
}

func main() {
	probe.Still()
	create()
	for cycle := 1; cycle <= 7; cycle++ {
		fmt.Println("cycle", cycle, said.Collect())
	}
}
