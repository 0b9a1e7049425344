// Each P has its own part of a Pool. Another P can steal from its shared queue, oldest first, but not its
// private object.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"conformance/probe"
)

// attempt lets two goroutines spin at the same time, hence on two Ps.
func attempt() string {
	var pool sync.Pool
	var filled, done atomic.Bool
	var got [3]any
	go func() {
		for !filled.Load() {
		}
		for i := range got {
			got[i] = pool.Get()
		}
		done.Store(true)
	}()
	for i := 1; i <= 3; i++ {
		pool.Put(i)
	}
	filled.Store(true)
	for !done.Load() {
	}
	return fmt.Sprint("other P: ", got[0], " ", got[1], " ", got[2], ", own P: ", pool.Get())
}

func main() {
	probe.Still()
	runtime.GOMAXPROCS(2)
	outcomes := map[string]int{}
	usual, most := "", 0
	for range 15 {
		outcome := attempt()
		outcomes[outcome]++
		if outcomes[outcome] > most {
			usual, most = outcome, outcomes[outcome]
		}
	}
	fmt.Println(usual)
}
