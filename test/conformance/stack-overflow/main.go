// A stack that would pass its limit ends the program.
//
// compare: exact
package main

import (
	"fmt"
	"runtime/debug"
)

//go:noinline
func recurse(depth int) int {
	return recurse(depth+1) + 1
}

func main() {
	debug.SetMaxStack(1 << 16)
	defer func() { recover() }()
	fmt.Println("recurse")
	fmt.Println(recurse(0))
}
