// Lengths and sizes that make refuses, with the texts of their panics; nothing is allocated.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var (
	kept     any
	negative = -1
	huge     = 1 << 53
	edge     = 1 << 48
)

func main() {
	probe.Still()
	for _, step := range []struct {
		name string
		run  func()
	}{
		{"slice of a negative length", func() { kept = make([]byte, negative) }},
		{"slice of 2^53 bytes", func() { kept = make([]byte, huge) }},
		{"slice of 2^53 words", func() { kept = make([]int, huge) }},
		{"capacity of 2^53 bytes", func() { kept = make([]byte, 0, huge) }},
		{"capacity below the length", func() { kept = make([]byte, 2, 1+negative) }},
		{"more than the address space", func() { kept = make([]byte, edge+1) }},
		{"channel of a negative size", func() { kept = make(chan int, negative) }},
		{"channel of 2^53", func() { kept = make(chan int, huge) }},
		{"map of a negative size", func() { kept = make(map[int]int, negative) != nil }},
		{"slice bounds", func() { kept = make([]byte, 3)[2-negative*2:] }},
		{"index", func() { kept = make([]byte, 3)[2-negative*2] }},
	} {
		fmt.Println(step.name+":", probe.Try(step.run))
	}
}
