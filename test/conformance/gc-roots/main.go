// What keeps an object: a global, a variable of a function that still uses it, a parked goroutine, a
// channel's buffer, a closure.
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

var (
	global  *object
	channel = make(chan *object, 1)
	closure func() *object
	park    = make(chan bool)
	parked  = make(chan bool)
)

//go:noinline
func capture() {
	o := new(object)
	closure = func() *object { return o }
}

//go:noinline
func fresh() *object { return new(object) }

func main() {
	probe.Still()
	start := probe.Live(5376)
	held := func(what string) {
		runtime.GC()
		fmt.Println(what, probe.Live(5376)-start)
	}
	global = new(object)
	held("global")
	channel <- new(object)
	held("channel")
	capture()
	held("closure")
	go func() {
		o := fresh()
		parked <- true
		<-park
		o.bytes[0]++
		runtime.KeepAlive(o)
		parked <- true
	}()
	<-parked
	held("goroutine")
	global = nil
	held("without the global")
	<-channel
	held("without the channel")
	closure = nil
	held("without the closure")
	park <- true
	<-parked
	held("without the goroutine")
}
