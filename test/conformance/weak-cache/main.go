// A cache that keeps nothing alive: weak pointers as values, and a cleanup that takes the entry out.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"weak"

	"conformance/probe"
)

type blob struct {
	name string
	next *blob
}

var (
	cache = map[string]weak.Pointer[blob]{}
	made  int
	held  *blob
)

//go:noinline
func get(name string) *blob {
	if b := cache[name].Value(); b != nil {
		return b
	}
	made++
	b := &blob{name: name}
	cache[name] = weak.Make(b)
	runtime.AddCleanup(b, func(name string) { delete(cache, name) }, name)
	return b
}

//go:noinline
func use() {
	for range 10 {
		held = get("held")
		get("dropped")
	}
}

func main() {
	probe.Still()
	use()
	fmt.Println("made", made, "entries", len(cache))
	probe.NewSaid().Collect()
	fmt.Println("made", made, "entries", len(cache))
	use()
	fmt.Println("made", made, "entries", len(cache))
}
