// SetGCPercent returns the setting before; every negative one is -1, which is off.
//
// compare: exact
package main

import (
	"fmt"
	"runtime/debug"
)

func main() {
	for _, percent := range []int{50, 0, 400, -1, 100, -50, 200} {
		fmt.Println("set", percent, "before", debug.SetGCPercent(percent))
	}
	fmt.Println("at last", debug.SetGCPercent(100))
}
