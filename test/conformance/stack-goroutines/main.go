// A goroutine costs a stack of 2 KiB; when it is gone, its stack stays for the next one until a cycle frees
// it, all but those of the last few dozens that a P keeps. Bytes a goroutine.
//
// compare: range
// vary: stack-each, stacks-left, stacks-after-1, stacks-after-2
package main

import (
	"fmt"
	"runtime"
	"sync"

	"conformance/probe"
)

func main() {
	probe.Still()
	const count = 4096
	start := probe.Stats().StackInuse
	each := func() int64 { return int64(probe.Stats().StackInuse-start) / count }
	stop := make(chan bool)
	var all sync.WaitGroup
	all.Add(count)
	for range count {
		go func() {
			<-stop
			all.Done()
		}()
	}
	runtime.Gosched()
	fmt.Println("goroutines", runtime.NumGoroutine())
	fmt.Println("stack-each", each())
	close(stop)
	all.Wait()
	runtime.Gosched()
	fmt.Println("left", runtime.NumGoroutine())
	fmt.Println("stacks-left", each())
	runtime.GC()
	fmt.Println("stacks-after-1", each())
	runtime.GC()
	fmt.Println("stacks-after-2", each())
}
