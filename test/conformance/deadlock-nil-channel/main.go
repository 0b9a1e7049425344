// A nil channel never delivers.
//
// compare: exact
package main

import "fmt"

func main() {
	var channel chan bool
	fmt.Println("before")
	channel <- true
	fmt.Println("after")
}
