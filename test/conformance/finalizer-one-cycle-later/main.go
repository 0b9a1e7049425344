// An object without a finalizer is freed by the cycle that finds it dead, one with a finalizer by the
// next.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	next *object
	_    [5000]byte
}

var (
	said = probe.NewSaid()
	kept *object
)

//go:noinline
func plain() {
	for range 10 {
		kept = &object{}
	}
	kept = nil
}

//go:noinline
func finalized() {
	for range 10 {
		runtime.SetFinalizer(&object{}, func(*object) { said <- "f" })
	}
}

func main() {
	probe.Still()
	start := probe.Live(5376)
	plain()
	fmt.Println("plain", probe.Live(5376)-start)
	fmt.Println("cycle", said.Collect(), probe.Live(5376)-start)
	finalized()
	fmt.Println("finalized", probe.Live(5376)-start)
	fmt.Println("cycle", said.Collect(), probe.Live(5376)-start)
	fmt.Println("cycle", said.Collect(), probe.Live(5376)-start)
}
