// All finalizers run one after the other on one goroutine of the runtime's own, which NumGoroutine does
// not count, not even while it runs one.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"strings"

	"conformance/probe"
)

type object struct {
	name string
	next *object
}

var said = probe.NewSaid()

func goroutine() string {
	text := make([]byte, 64)
	return strings.Fields(string(text[:runtime.Stack(text, false)]))[1]
}

//go:noinline
func create(names ...string) {
	for _, name := range names {
		runtime.SetFinalizer(&object{name: name}, func(*object) {
			said <- goroutine()
			said <- fmt.Sprint(runtime.NumGoroutine())
		})
	}
}

func main() {
	probe.Still()
	mine := goroutine()
	create("a", "b")
	first := strings.Fields(said.Collect())
	create("c")
	second := strings.Fields(said.Collect())
	fmt.Println("same goroutine", first[0] == first[2] && first[0] == second[0])
	fmt.Println("another than main", first[0] != mine)
	fmt.Println("goroutines while it runs", first[1], first[3], second[1])
	fmt.Println("goroutines after", runtime.NumGoroutine())
}
