// The first weak pointer to an object allocates its handle, 16 bytes; the next ones share it.
//
// compare: exact
package main

import (
	"fmt"
	"weak"

	"conformance/probe"
)

type object struct {
	value int
	next  *object
}

var (
	kept  *object
	weaks [3]weak.Pointer[object]
)

func main() {
	probe.Still()
	kept = new(object)
	for i := range weaks {
		change := probe.Measure(func() { weaks[i] = weak.Make(kept) })
		fmt.Println("mallocs", change.Mallocs, "bytes", change.Bytes)
	}
}
