// A cleanup on a global or on an object of size zero is accepted and never runs; Stop does nothing.
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
	said   = probe.NewSaid()
	global object
)

func main() {
	probe.Still()
	var cleanups []runtime.Cleanup
	fmt.Println(probe.Try(func() {
		cleanups = append(cleanups, runtime.AddCleanup(&global, func(name string) { said <- name }, "global"))
		cleanups = append(cleanups, runtime.AddCleanup(new([0]int), func(name string) { said <- name }, "empty"))
	}))
	fmt.Println("cycle", said.Collect())
	fmt.Println(probe.Try(func() {
		for _, cleanup := range cleanups {
			cleanup.Stop()
		}
	}))
}
