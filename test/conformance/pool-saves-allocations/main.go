// A Pool spares allocations: objects that are put back after use are made once.
//
// compare: exact
package main

import (
	"fmt"
	"sync"

	"conformance/probe"
)

type buffer struct {
	bytes [5000]byte
	next  *buffer
}

var kept *buffer

func main() {
	probe.Still()
	made := 0
	pool := sync.Pool{New: func() any { made++; return new(buffer) }}
	pooled := probe.Measure(func() {
		for range 1000 {
			b := pool.Get().(*buffer)
			b.bytes[0]++
			pool.Put(b)
		}
	})
	plain := probe.Measure(func() {
		for range 1000 {
			kept = new(buffer)
		}
	})
	fmt.Println("made", made, "pooled under 10000 bytes", pooled.Bytes < 10000)
	fmt.Println("without", plain.Mallocs, plain.Bytes)
}
