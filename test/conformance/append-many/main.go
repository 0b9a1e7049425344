// Appending many elements at once asks for exactly what is needed, rounded up to the size class.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

func main() {
	probe.Still()
	for _, length := range []int{0, 1, 4, 10, 100, 255, 256, 257, 1000} {
		fmt.Print(length, ":")
		for _, more := range []int{1, 3, 9, 50, 1000, 5000} {
			slice := make([]int, length, length)
			grown := append(slice, make([]int, more)...)
			fmt.Print(" ", cap(grown))
		}
		fmt.Println()
	}
}
