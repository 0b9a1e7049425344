// Any number of cleanups on one object, at its start and inside: all of them run, once.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	values [64]int
	next   *object
}

var counts [200]int

//go:noinline
func create() {
	o := new(object)
	for i := range counts {
		runtime.AddCleanup(&o.values[i%64], func(i int) { counts[i]++ }, i)
	}
}

func main() {
	probe.Still()
	create()
	for range 3 {
		probe.NewSaid().Collect()
		ran, once := 0, 0
		for _, count := range counts {
			ran += count
			if count == 1 {
				once++
			}
		}
		fmt.Println("ran", ran, "once", once)
	}
}
