// Handles of equal values are equal, whoever made them, and give the value back.
//
// compare: exact
package main

import (
	"fmt"
	"strings"
	"unique"

	"conformance/probe"
)

type point struct{ x, y int }

func main() {
	probe.Still()
	a := unique.Make(strings.Repeat("go", 3))
	b := unique.Make("gogogo")
	c := unique.Make("gopher")
	fmt.Println("equal", a == b, "different", a == c, "value", a.Value())
	fmt.Println("structs", unique.Make(point{1, 2}) == unique.Make(point{1, 2}), unique.Make(point{1, 2}) == unique.Make(point{2, 1}))
	fmt.Println("value", unique.Make(point{3, 4}).Value())
}
