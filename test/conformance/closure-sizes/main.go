// A closure that escapes is an object: a word for the function and one for each word it captured by
// value, or a pointer to a variable that then is an object too.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var kept func() int

//go:noinline
func none() { kept = func() int { return 1 } }

//go:noinline
func oneByValue(a int) { kept = func() int { return a } }

//go:noinline
func twoByValue(a, b int) { kept = func() int { return a + b } }

//go:noinline
func byReference(a int) {
	kept = func() int {
		a++
		return a
	}
}

//go:noinline
func sliceAndString(s []int, t string) { kept = func() int { return len(s) + len(t) } }

type adder struct{ sum int }

//go:noinline
func (a *adder) add() int { return a.sum }

var counter = &adder{}

//go:noinline
func method() { kept = counter.add }

func main() {
	probe.Still()
	for _, step := range []struct {
		name string
		run  func()
	}{
		{"none", none},
		{"one", func() { oneByValue(1) }},
		{"two", func() { twoByValue(1, 2) }},
		{"reference", func() { byReference(1) }},
		{"slice and string", func() { sliceAndString([]int(nil), "go") }},
		{"method", method},
	} {
		change := probe.Measure(step.run)
		fmt.Println(step.name, "mallocs", change.Mallocs, "bytes", change.Bytes)
	}
}
