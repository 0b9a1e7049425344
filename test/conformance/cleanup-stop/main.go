// Stop takes one cleanup away and leaves the others; twice, or after the cleanup ran, it does nothing.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	value int
	next  *object
}

var (
	said    = probe.NewSaid()
	stopped runtime.Cleanup
	other   runtime.Cleanup
)

func speak(name string) { said <- name }

//go:noinline
func create() *object {
	o := new(object)
	stopped = runtime.AddCleanup(o, speak, "stopped")
	other = runtime.AddCleanup(o, speak, "other")
	return o
}

func main() {
	probe.Still()
	o := create()
	stopped.Stop()
	stopped.Stop()
	runtime.KeepAlive(o)
	o = nil
	fmt.Println("cycle 1", said.Collect())
	other.Stop()
	stopped.Stop()
	var none runtime.Cleanup
	none.Stop()
	fmt.Println("cycle 2", said.Collect())
}
