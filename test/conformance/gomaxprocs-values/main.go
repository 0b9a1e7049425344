// GOMAXPROCS returns the number before; 0 and less only ask.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
)

func main() {
	runtime.GOMAXPROCS(2)
	for _, n := range []int{0, 4, -1, 1, 3, 0} {
		fmt.Println("set", n, "before", runtime.GOMAXPROCS(n))
	}
}
