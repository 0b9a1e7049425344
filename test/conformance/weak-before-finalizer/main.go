// Weak pointers are nil before the finalizer of their object runs, and stay nil when it brings the object
// back. Those of what the object points to stay.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"weak"

	"conformance/probe"
)

type object struct {
	name string
	next *object
}

var (
	said        = probe.NewSaid()
	kept        *object
	weakOuter   weak.Pointer[object]
	weakInner   weak.Pointer[object]
	description = func(w weak.Pointer[object]) string { return fmt.Sprint(w.Value() != nil) }
)

//go:noinline
func create() {
	inner := &object{name: "inner"}
	outer := &object{name: "outer", next: inner}
	weakOuter, weakInner = weak.Make(outer), weak.Make(inner)
	runtime.SetFinalizer(outer, func(o *object) {
		said <- "outer " + description(weakOuter) + " inner " + description(weakInner)
		kept = o
	})
}

func main() {
	probe.Still()
	create()
	fmt.Println("in the finalizer:", said.Collect())
	runtime.GC()
	fmt.Println("brought back: outer", description(weakOuter), "inner", description(weakInner))
	kept = nil
	runtime.GC()
	fmt.Println("dropped: outer", description(weakOuter), "inner", description(weakInner))
}
