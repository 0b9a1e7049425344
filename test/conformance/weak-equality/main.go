// Weak pointers made from the same pointer are equal, also after the object's death; from other offsets
// or objects they are not.
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
	first  int
	second int
	next   *object
}

//go:noinline
func create() (a, again, other weak.Pointer[object], first, second weak.Pointer[int]) {
	o := new(object)
	a, again, other = weak.Make(o), weak.Make(o), weak.Make(new(object))
	first, second = weak.Make(&o.first), weak.Make(&o.second)
	return
}

func main() {
	probe.Still()
	a, again, other, first, second := create()
	for _, when := range []string{"alive", "dead"} {
		fmt.Println(when, "same", a == again, "another object", a == other, "another offset", first == second)
		runtime.GC()
	}
	fmt.Println("values", a.Value() == nil, other.Value() == nil, first.Value() == nil, second.Value() == nil)
	fmt.Println("a dead one and the zero one", a == weak.Pointer[object]{})
}
