// new does not mean the heap: what does not outlive its function stays on the stack, and what is returned,
// stored in a global or too large does not.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

type point struct{ x, y int }

var global *point

//go:noinline
func stays() int {
	p := new(point)
	p.x = 3
	return p.x
}

//go:noinline
func returned() *point { return &point{1, 2} }

//go:noinline
func stored() { global = &point{1, 2} }

//go:noinline
func literal() int {
	p := &point{1, 2}
	q := []int{p.x, p.y, 3}
	return len(q)
}

//go:noinline
func variable(n int) int {
	s := make([]int, n)
	return len(s)
}

//go:noinline
func constant() int {
	s := make([]int, 100)
	return len(s)
}

//go:noinline
func large() int {
	s := make([]byte, 1<<17)
	return len(s)
}

func main() {
	probe.Still()
	for _, step := range []struct {
		name string
		run  func()
	}{
		{"stays", func() { stays() }},
		{"returned", func() { returned() }},
		{"stored", stored},
		{"literal", func() { literal() }},
		{"constant length", func() { constant() }},
		{"variable length, long", func() { variable(100) }},
		{"large", func() { large() }},
	} {
		change := probe.Measure(step.run)
		fmt.Println(step.name, "mallocs", change.Mallocs, "bytes", change.Bytes)
	}
}
