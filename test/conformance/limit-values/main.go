// SetMemoryLimit returns the limit before; a negative one only asks. There is none at the start.
//
// compare: exact
package main

import (
	"fmt"
	"runtime/debug"
)

func main() {
	for _, limit := range []int64{-1, 64 << 20, -1, 0, -5, 1 << 30} {
		before := debug.SetMemoryLimit(limit)
		fmt.Println("set", limit, "before", before)
	}
}
