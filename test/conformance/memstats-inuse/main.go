// HeapInuse counts whole spans: objects of 1 KiB come eight to a page of 8 KiB, and a single one that stays
// keeps its span.
//
// compare: range
// vary: spans-full, spans-thinned
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var (
	kept [][]byte
	thin [][]byte
)

func main() {
	probe.Still()
	kept, thin = make([][]byte, 0, 8000), make([][]byte, 0, 1000)
	start := probe.Stats().HeapInuse
	for range 8000 {
		kept = append(kept, make([]byte, 1024))
	}
	full := probe.Stats().HeapInuse
	for i := 0; i < 8000; i += 8 {
		thin = append(thin, kept[i])
	}
	clear(kept)
	runtime.GC()
	thinned := probe.Stats().HeapInuse
	fmt.Println("spans-full", (full-start)>>13)
	fmt.Println("spans-thinned", (thinned-start)>>13)
	runtime.KeepAlive(thin)
}
