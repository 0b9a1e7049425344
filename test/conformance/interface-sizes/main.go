// To put a value into an interface copies it to the heap, except for pointers, single bytes and zeros.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

type pair struct{ a, b int }

var (
	kept    any
	integer = 1000
	small   = 255
	zero    = 0
	letter  = byte(200)
	text    = "text"
	empty   = ""
	slice   = []int{1}
	both    = pair{1, 2}
	pointer = &both
	real    = 1.5
	truth   = true
	short   = uint16(7000)
)

func main() {
	probe.Still()
	for _, step := range []struct {
		name string
		run  func()
	}{
		{"int", func() { kept = integer }},
		{"small int", func() { kept = small }},
		{"zero int", func() { kept = zero }},
		{"byte", func() { kept = letter }},
		{"bool", func() { kept = truth }},
		{"uint16", func() { kept = short }},
		{"float64", func() { kept = real }},
		{"string", func() { kept = text }},
		{"empty string", func() { kept = empty }},
		{"slice", func() { kept = slice }},
		{"struct", func() { kept = both }},
		{"pointer", func() { kept = pointer }},
		{"constant", func() { kept = 12345 }},
	} {
		change := probe.Measure(step.run)
		fmt.Println(step.name, "mallocs", change.Mallocs, "bytes", change.Bytes)
	}
}
