// Structs: alignment of the fields, then the size class. One that ends in a field of size zero is a word
// longer.
//
// compare: exact
package main

import (
	"fmt"
	"unsafe"

	"conformance/probe"
)

type loose struct {
	a bool
	b int64
	c bool
}

type tight struct {
	b    int64
	a, c bool
}

type tail struct {
	p *int
	e struct{}
}

type list struct {
	value int
	next  *list
}

type tree struct {
	left, right *tree
	key         string
	value       any
}

func measure[T any](name string) {
	var kept *T
	change := probe.Measure(func() { kept = new(T) })
	fmt.Println(name, unsafe.Sizeof(*kept), change.Bytes)
}

func main() {
	probe.Still()
	measure[loose]("loose")
	measure[tight]("tight")
	measure[tail]("tail")
	measure[list]("list")
	measure[tree]("tree")
	measure[[3]tree]("trees")
}
