// On one P the last object put in is the private one and the first to come out; then comes the shared
// queue, newest first. Without New an empty pool gives nil. Put(nil) is nothing.
//
// compare: exact
package main

import (
	"fmt"
	"sync"

	"conformance/probe"
)

func main() {
	probe.Still()
	var pool sync.Pool
	pool.Put(nil)
	fmt.Println("empty", pool.Get())
	for i := 1; i <= 5; i++ {
		pool.Put(i)
	}
	for range 6 {
		fmt.Println("get", pool.Get())
	}
}
