// When runtime.GC returns, all that was dead is freed: the sweep is complete.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	bytes [5000]byte
	next  *object
}

var list *object

//go:noinline
func build(count int) {
	for range count {
		list = &object{next: list}
	}
}

func main() {
	probe.Still()
	start := probe.Live(5376)
	build(1000)
	fmt.Println("built", probe.Live(5376)-start)
	runtime.GC()
	fmt.Println("held", probe.Live(5376)-start)
	for range 900 {
		list = list.next
	}
	fmt.Println("dropped", probe.Live(5376)-start)
	runtime.GC()
	fmt.Println("collected", probe.Live(5376)-start)
	list = nil
	runtime.GC()
	fmt.Println("collected", probe.Live(5376)-start)
}
