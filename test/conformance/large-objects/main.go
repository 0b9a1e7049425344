// Above 32,760 bytes an object has a span of its own, in whole pages of 8 KiB; it is freed as a whole.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type mixed struct {
	p *int
	_ [32752]byte
}

var (
	bytes   []byte
	pointer *mixed
)

func main() {
	probe.Still()
	for _, size := range []int{32760, 32761, 32768, 32769, 40960, 1 << 20, 1<<20 + 1, 5_000_000} {
		change := probe.Measure(func() { bytes = make([]byte, size) })
		bytes = nil
		before := probe.Stats()
		runtime.GC()
		after := probe.Stats()
		fmt.Println(size, "bytes", change.Bytes, "freed", change.Bytes <= int64(before.HeapAlloc-after.HeapAlloc)+4096)
	}
	fmt.Println("with a pointer", probe.Measure(func() { pointer = new(mixed) }).Bytes)
}
