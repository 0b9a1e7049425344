// Strings: concatenation, conversion from bytes, a Builder, substrings.
//
// compare: exact
package main

import (
	"fmt"
	"strings"

	"conformance/probe"
)

var (
	kept  string
	bytes []byte
	one   = strings.Repeat("x", 100)
	two   = strings.Repeat("y", 300)
)

func step(name string, run func()) {
	change := probe.Measure(run)
	fmt.Println(name, "mallocs", change.Mallocs, "bytes", change.Bytes)
}

func main() {
	probe.Still()
	step("concatenate 100+300", func() { kept = one + two })
	step("concatenate 100+300+100+300", func() { kept = one + two + one + two })
	step("concatenate with empty", func() { kept = one + one[:0] })
	step("substring", func() { kept = two[10:20] })
	step("to bytes 300", func() { bytes = []byte(two) })
	step("to string 300", func() { kept = string(bytes) })
	step("to string 1", func() { kept = string(bytes[:1]) })
	step("to string 5", func() { kept = string(bytes[:5]) })
	step("to runes 100", func() { kept = string([]rune(one)) })
	step("builder 100 bytes one by one", func() {
		var builder strings.Builder
		for i := range 100 {
			builder.WriteByte(one[i])
		}
		kept = builder.String()
	})
	step("builder grown to 1000", func() {
		var builder strings.Builder
		builder.Grow(1000)
		for range 10 {
			builder.WriteString(one)
		}
		kept = builder.String()
	})
	step("plus in a loop of 10", func() {
		kept = ""
		for range 10 {
			kept += one
		}
	})
}
