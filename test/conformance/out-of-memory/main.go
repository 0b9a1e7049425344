// More than the system gives, but within the address space, is fatal and cannot be recovered.
//
// compare: exact
package main

import "fmt"

var (
	kept []byte
	size = 1 << 47
)

func main() {
	defer func() { recover() }()
	fmt.Println("before")
	kept = make([]byte, size)
	fmt.Println("after")
}
