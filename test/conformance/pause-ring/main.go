// PauseNs and PauseEnd are rings of 256: cycle k is at (k+255)%256, the newest overwrites the oldest.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

func filled(ring [256]uint64) (count int) {
	for _, value := range ring {
		if value != 0 {
			count++
		}
	}
	return count
}

func main() {
	runtime.GOMAXPROCS(1)
	done := int(probe.Stats().NumGC)
	for range 10 - done {
		runtime.GC()
	}
	m := probe.Stats()
	fmt.Println("cycles", m.NumGC, "pauses", filled(m.PauseNs), "ends", filled(m.PauseEnd))
	fmt.Println("newest", m.PauseEnd[(m.NumGC+255)%256] == m.LastGC, "next", m.PauseNs[m.NumGC%256])
	oldest := m.PauseEnd[0]
	for range 290 {
		runtime.GC()
	}
	m = probe.Stats()
	fmt.Println("cycles", m.NumGC, "pauses", filled(m.PauseNs), "ends", filled(m.PauseEnd))
	fmt.Println("newest", m.PauseEnd[(m.NumGC+255)%256] == m.LastGC, "overwritten", m.PauseEnd[0] > oldest)
	total, ordered := uint64(0), true
	for i := range 255 {
		total += m.PauseNs[(int(m.NumGC)+i)%256]
		ordered = ordered && m.PauseEnd[(int(m.NumGC)+i)%256] < m.PauseEnd[(int(m.NumGC)+i+1)%256]
	}
	fmt.Println("oldest first", ordered, "the ring is less than the total", total < m.PauseTotalNs)
}
