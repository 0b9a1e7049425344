// When every goroutine waits, the program ends.
//
// compare: exact
package main

import "fmt"

func main() {
	fmt.Println("before")
	<-make(chan bool)
	fmt.Println("after")
}
