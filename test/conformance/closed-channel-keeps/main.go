// A channel with elements that nobody will receive is freed with them when nobody can reach it.
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

var channel chan *object

func main() {
	probe.Still()
	start := probe.Live(5376)
	channel = make(chan *object, 10)
	for range 10 {
		channel <- new(object)
	}
	close(channel)
	runtime.GC()
	fmt.Println("closed", probe.Live(5376)-start)
	<-channel
	<-channel
	runtime.GC()
	fmt.Println("two received", probe.Live(5376)-start)
	channel = nil
	runtime.GC()
	fmt.Println("dropped", probe.Live(5376)-start)
}
