// SetMaxStack returns the limit before, 1,000,000,000 bytes at the start.
//
// compare: exact
package main

import (
	"fmt"
	"runtime/debug"
)

func main() {
	fmt.Println("before", debug.SetMaxStack(1<<20))
	fmt.Println("before", debug.SetMaxStack(1<<30))
}
