// A pointer into an object, or a slice of a part of it, keeps the whole object.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var (
	field *int
	part  []byte
)

type object struct {
	values [640]int
	next   *object
}

//go:noinline
func create() {
	o := new(object)
	field = &o.values[600]
	part = make([]byte, 9000)[8000:8001]
}

func main() {
	probe.Still()
	objects, arrays := probe.Live(5376), probe.Live(9472)
	create()
	runtime.GC()
	fmt.Println("held", probe.Live(5376)-objects, probe.Live(9472)-arrays)
	field, part = nil, nil
	runtime.GC()
	fmt.Println("dropped", probe.Live(5376)-objects, probe.Live(9472)-arrays)
}
