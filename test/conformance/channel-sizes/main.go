// What make(chan T, n) takes: header and buffer in one object, or in two when the elements have pointers.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var kept any

func channel[T any](name string, n int) {
	var made chan T
	change := probe.Measure(func() { made = make(chan T, n) })
	kept = made
	fmt.Println(name, n, "mallocs", change.Mallocs, "bytes", change.Bytes)
}

func main() {
	probe.Still()
	for _, n := range []int{0, 1, 2, 10, 100, 1000} {
		channel[struct{}]("struct{}", n)
		channel[bool]("bool", n)
		channel[int]("int", n)
		channel[*int]("*int", n)
		channel[string]("string", n)
		channel[[10]int]("[10]int", n)
	}
}
