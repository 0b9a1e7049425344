// Values of size zero take no memory, and all have one address.
//
// compare: exact
package main

import (
	"fmt"
	"unsafe"

	"conformance/probe"
)

var a, b *struct{}
var c []struct{}
var d *[0]int

func main() {
	probe.Still()
	change := probe.Measure(func() {
		a, b = new(struct{}), new(struct{})
		c = make([]struct{}, 1000)
		d = new([0]int)
	})
	fmt.Println("mallocs", change.Mallocs, "bytes", change.Bytes)
	same := unsafe.Pointer(a) == unsafe.Pointer(b) && unsafe.Pointer(a) == unsafe.Pointer(d)
	fmt.Println("same address", same && unsafe.Pointer(a) == unsafe.Pointer(unsafe.SliceData(c)))
}
