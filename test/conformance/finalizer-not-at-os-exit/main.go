// Finalizers and cleanups that are set when the program calls os.Exit do not run.
//
// compare: exact
package main

import (
	"fmt"
	"os"
	"runtime"

	"conformance/probe"
)

type object struct {
	name string
	next *object
}

//go:noinline
func create() {
	o := &object{name: "object"}
	runtime.SetFinalizer(o, func(o *object) { fmt.Println("finalizer of", o.name) })
	runtime.AddCleanup(o, func(name string) { fmt.Println("cleanup of", name) }, o.name)
}

func main() {
	probe.Still()
	fmt.Println("create")
	create()
	fmt.Println("os.Exit")
	os.Exit(3)
}
