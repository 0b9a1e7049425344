// The current memory status in KiB, as m.Alloc / 1024 after ReadMemStats: a fresh process holds some dozens
// of KiB; 1 MiB more shows.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
)

var kept []byte

func main() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fresh := m.Alloc / 1024
	kept = make([]byte, 1<<20)
	runtime.ReadMemStats(&m)
	fmt.Println("fresh, under 100 KiB", fresh < 100)
	fmt.Println("more", (m.Alloc/1024-fresh)/1024, "MiB")
}
