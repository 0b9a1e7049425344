// The canonical copy behind unique handles lives as long as one of them, and is freed by a later cycle.
//
// compare: exact
package main

import (
	"fmt"
	"unique"

	"conformance/probe"
)

type value [10000]byte

var (
	handle unique.Handle[value]
	none   unique.Handle[value]
)

//go:noinline
func create(b byte) {
	handle = unique.Make(value{b})
}

func main() {
	probe.Still()
	said := probe.NewSaid()
	create(0)
	said.Collect()
	start := probe.Live(10240)
	create(1)
	create(2)
	create(2)
	for cycle := range 4 {
		fmt.Println("cycle", cycle, "copies", probe.Live(10240)-start)
		said.Collect()
	}
	handle = none
	for cycle := range 4 {
		said.Collect()
		fmt.Println("dropped, cycle", cycle+1, "copies", probe.Live(10240)-start)
	}
}
