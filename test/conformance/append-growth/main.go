// Capacities that append goes through, for elements of several sizes: twice, then less and less, and
// always up to the whole size class.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

type three struct{ a, b, c int }

func grow[T any](name string, kept *[]T, until int) {
	var zero T
	fmt.Print(name, ":")
	before := -1
	for len(*kept) < until {
		*kept = append(*kept, zero)
		if cap(*kept) != before {
			before = cap(*kept)
			fmt.Print(" ", before)
		}
	}
	fmt.Println()
}

var (
	bytes    []byte
	shorts   []int16
	ints     []int
	pointers []*int
	texts    []string
	threes   []three
	fives    [][5]int64
	empties  []struct{}
)

func main() {
	probe.Still()
	grow("byte", &bytes, 100000)
	grow("int16", &shorts, 20000)
	grow("int", &ints, 20000)
	grow("*int", &pointers, 20000)
	grow("string", &texts, 5000)
	grow("three", &threes, 3000)
	grow("five", &fives, 2000)
	grow("empty", &empties, 3)
}
