// NumGoroutine counts goroutines from the go statement until they return.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

func main() {
	probe.Still()
	fmt.Println("start", runtime.NumGoroutine())
	stop, stopped := make(chan bool), make(chan bool)
	for range 10 {
		go func() {
			<-stop
			stopped <- true
		}()
	}
	fmt.Println("started", runtime.NumGoroutine())
	for range 4 {
		stop <- true
		<-stopped
	}
	runtime.Gosched()
	fmt.Println("four done", runtime.NumGoroutine())
	runtime.GC()
	fmt.Println("collected", runtime.NumGoroutine())
}
