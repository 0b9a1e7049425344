// What lies in a sync.Pool survives one cycle (as its victim) and not two; what is taken and put back
// starts over.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"sync"

	"conformance/probe"
)

type buffer struct {
	name string
	next *buffer
}

func main() {
	probe.Still()
	pool := sync.Pool{New: func() any { return &buffer{name: "new"} }}
	take := func() string { return pool.Get().(*buffer).name }
	put := func(name string) { pool.Put(&buffer{name: name}) }

	fmt.Println("empty", take())
	put("a")
	fmt.Println("no cycle", take())
	put("b")
	runtime.GC()
	fmt.Println("one cycle", take())
	put("c")
	runtime.GC()
	runtime.GC()
	fmt.Println("two cycles", take())
	put("d")
	runtime.GC()
	d := pool.Get().(*buffer)
	pool.Put(d)
	d = nil
	runtime.GC()
	fmt.Println("put back between", take())
	put("e")
	runtime.GC()
	put("f")
	fmt.Println("fresh before victim", take(), take(), take())
}
