// Several cleanups of one object and of its neighbours in a span: those set on the same address run
// newest first, objects in the order of their addresses, on one goroutine when there is one P.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

type object struct {
	next *object
	_    [1776]byte
}

var said = probe.NewSaid()

//go:noinline
func create() {
	for i := range 4 {
		o := &object{}
		for _, letter := range "abc" {
			runtime.AddCleanup(o, func(name string) { said <- name }, fmt.Sprint(i, string(letter)))
		}
	}
}

func main() {
	probe.Still()
	create()
	fmt.Println("order", said.Collect())
}
