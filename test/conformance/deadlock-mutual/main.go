// Goroutines that wait for one another are no reason to go on; neither is a finalizer that could run.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
)

type object struct {
	next *object
	name string
}

func main() {
	runtime.SetFinalizer(&object{}, func(*object) { fmt.Println("finalized") })
	a, b := make(chan bool), make(chan bool)
	go func() {
		<-a
		b <- true
	}()
	fmt.Println("before")
	<-b
	fmt.Println("after")
}
