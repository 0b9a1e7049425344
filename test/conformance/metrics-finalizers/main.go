// How many finalizers and cleanups were queued and how many have run.
//
// compare: exact
// since: go1.26
package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"

	"conformance/probe"
)

type object struct {
	name string
	next *object
}

var (
	said    = probe.NewSaid()
	open    = make(chan bool)
	samples = []metrics.Sample{
		{Name: "/gc/finalizers/queued:finalizers"}, {Name: "/gc/finalizers/executed:finalizers"},
		{Name: "/gc/cleanups/queued:cleanups"}, {Name: "/gc/cleanups/executed:cleanups"},
	}
	start [4]uint64
)

func report(when string) {
	metrics.Read(samples)
	fmt.Print(when)
	for i, name := range []string{" finalizers queued ", " executed ", " cleanups queued ", " executed "} {
		fmt.Print(name, samples[i].Value.Uint64()-start[i])
	}
	fmt.Println()
}

//go:noinline
func create() {
	for range 3 {
		o := &object{}
		runtime.SetFinalizer(o, func(*object) { <-open })
		runtime.AddCleanup(&object{}, func(int) {}, 1)
	}
}

func main() {
	probe.Still()
	said.Collect()
	metrics.Read(samples)
	for i := range start {
		start[i] = samples[i].Value.Uint64()
	}
	create()
	report("set:")
	said.Collect()
	report("collected:")
	open <- true
	said.Rest()
	report("one let go:")
	open <- true
	open <- true
	said.Rest()
	report("all let go:")
}
