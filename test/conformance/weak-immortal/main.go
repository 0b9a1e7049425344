// A weak pointer to a global never becomes nil; one made of nil is the zero one.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"weak"

	"conformance/probe"
)

var global [4]int

func main() {
	probe.Still()
	w, none := weak.Make(&global), weak.Make((*int)(nil))
	runtime.GC()
	runtime.GC()
	fmt.Println("global", w.Value() == &global, w == weak.Make(&global))
	fmt.Println("nil", none.Value() == nil, none == weak.Pointer[int]{})
}
