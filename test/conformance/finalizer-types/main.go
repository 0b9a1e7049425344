// What a finalizer may take: the very type, a pointer type with the same element if one of the two has
// neither name nor methods, an interface that the object implements. What it returns is dropped.
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

func (o *object) String() string { return o.name }

type plain struct {
	name string
	next *plain
}

type pointer *plain

var said = probe.NewSaid()

//go:noinline
func create() {
	runtime.SetFinalizer(&object{name: "same"}, func(o *object) { said <- o.name })
	runtime.SetFinalizer(pointer(&plain{name: "named"}), func(o *plain) { said <- o.name })
	runtime.SetFinalizer(&plain{name: "unnamed"}, func(o pointer) { said <- o.name })
	runtime.SetFinalizer(&object{name: "any"}, func(o any) { said <- o.(*object).name })
	runtime.SetFinalizer(&object{name: "stringer"}, func(o fmt.Stringer) { said <- o.String() })
	runtime.SetFinalizer(&object{name: "results"}, func(o *object) (int, error) {
		said <- o.name
		return 1, nil
	})
}

func main() {
	probe.Still()
	create()
	fmt.Println("ran", said.Collect())
}
