// MemStats.BySize has 61 rows; the first is of size 0, the last of 18,432 bytes.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

func main() {
	m := probe.Stats()
	fmt.Println("rows", len(m.BySize))
	for i, class := range m.BySize {
		fmt.Println(i, class.Size)
	}
	fmt.Println("row 0", m.BySize[0].Mallocs, m.BySize[0].Frees)
}
