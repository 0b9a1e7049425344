// An os.File that is dropped without Close gives its descriptor back to the system after a cycle.
//
// compare: exact
package main

import (
	"fmt"
	"os"
	"runtime"

	"conformance/probe"
)

var said = probe.NewSaid()

func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	return len(entries)
}

//go:noinline
func open(count int) {
	for range count {
		file, err := os.Open("/dev/null")
		if err != nil {
			panic(err)
		}
		runtime.KeepAlive(file)
	}
}

func main() {
	probe.Still()
	descriptors()
	said.Collect()
	before := descriptors()
	open(20)
	fmt.Println("opened", descriptors()-before)
	said.Collect()
	fmt.Println("collected", descriptors()-before)
}
