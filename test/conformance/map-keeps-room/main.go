// Deleting entries, or clearing a map, gives no memory back; what the entries pointed to is freed.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type value struct {
	bytes [5000]byte
	next  *value
}

var entries map[int]*value

func main() {
	probe.Still()
	entries = make(map[int]*value, 500)
	start := probe.Live(5376)
	for i := range 100 {
		entries[i] = new(value)
	}
	runtime.GC()
	fmt.Println("filled", probe.Live(5376)-start)
	for i := range 50 {
		delete(entries, i)
	}
	runtime.GC()
	fmt.Println("half deleted", probe.Live(5376)-start)
	clear(entries)
	runtime.GC()
	fmt.Println("cleared", probe.Live(5376)-start)
	change := probe.Measure(func() {
		for i := range 400 {
			entries[i] = nil
		}
	})
	fmt.Println("filled again, mallocs", change.Mallocs)
}
