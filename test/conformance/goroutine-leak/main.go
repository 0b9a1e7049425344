// A goroutine that waits for ever is never collected, and keeps what its stack holds.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	bytes [5000]byte
	next  *object
}

//go:noinline
func fresh() *object { return new(object) }

func wait(never chan bool, o *object) {
	<-never
	runtime.KeepAlive(o)
}

//go:noinline
func leak() {
	for range 10 {
		go wait(make(chan bool), fresh())
	}
}

func main() {
	probe.Still()
	start := probe.Live(5376)
	leak()
	runtime.Gosched()
	runtime.GC()
	runtime.GC()
	fmt.Println("goroutines", runtime.NumGoroutine(), "objects", probe.Live(5376)-start)
}
