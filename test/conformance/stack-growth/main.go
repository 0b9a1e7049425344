// A goroutine's stack grows by doubling as it calls deeper, and what was needed for a deep call is given
// back by cycles, half at a time. In KiB.
//
// compare: range
// vary: deep, after-1, after-8
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

//go:noinline
func recurse(depth int) int {
	var frame [1024]byte
	if depth == 0 {
		return int(frame[0])
	}
	frame[depth%1024] = byte(depth)
	return recurse(depth-1) + int(frame[(depth+1)%1024])
}

func main() {
	probe.Still()
	done, go1 := make(chan bool), make(chan bool)
	start := probe.Stats().StackInuse
	go func() {
		for range go1 {
			recurse(900)
			done <- true
		}
	}()
	go1 <- true
	<-done
	more := func() int64 { return int64(probe.Stats().StackInuse-start) >> 10 }
	fmt.Println("deep", more())
	runtime.GC()
	fmt.Println("after-1", more())
	for range 7 {
		runtime.GC()
	}
	fmt.Println("after-8", more())
	close(go1)
}
