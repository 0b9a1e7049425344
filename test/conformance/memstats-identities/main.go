// The identities between the figures of MemStats, before any cycle, with a heap, and after cycles.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"

	"conformance/probe"
)

var kept [][]byte

func check(when string) {
	m := probe.Stats()
	newest := (m.NumGC + 255) % 256
	total := uint64(0)
	for _, pause := range m.PauseNs {
		total += pause
	}
	ended := m.LastGC == m.PauseEnd[newest]
	for _, identity := range []struct {
		name  string
		holds bool
	}{
		{"Alloc is HeapAlloc", m.Alloc == m.HeapAlloc},
		{"Sys is the sum of seven", m.Sys == m.HeapSys+m.StackSys+m.MSpanSys+m.MCacheSys+m.BuckHashSys+m.GCSys+m.OtherSys},
		{"HeapSys is idle and in use", m.HeapSys == m.HeapIdle+m.HeapInuse},
		{"HeapObjects is mallocs less frees", m.HeapObjects == m.Mallocs-m.Frees},
		{"released is idle", m.HeapReleased <= m.HeapIdle},
		{"allocated is in use", m.HeapAlloc <= m.HeapInuse},
		{"Alloc is part of TotalAlloc", m.Alloc <= m.TotalAlloc},
		{"LastGC is the newest PauseEnd", ended},
		{"PauseTotalNs is the sum of PauseNs", m.PauseTotalNs == total},
		{"forced cycles are cycles", m.NumForcedGC <= m.NumGC},
		{"MSpanInuse is part of MSpanSys", m.MSpanInuse <= m.MSpanSys},
		{"MCacheInuse is part of MCacheSys", m.MCacheInuse <= m.MCacheSys},
		{"StackInuse is StackSys without cgo", m.StackInuse == m.StackSys},
		{"GCCPUFraction is a fraction", m.GCCPUFraction >= 0 && m.GCCPUFraction < 1},
		{"EnableGC", m.EnableGC},
		{"not DebugGC", !m.DebugGC},
		{"no Lookups", m.Lookups == 0},
	} {
		fmt.Println(when+":", identity.name, identity.holds)
	}
}

func main() {
	check("start")
	for i := range 2000 {
		kept = append(kept, make([]byte, i))
	}
	check("filled")
	runtime.GC()
	kept = nil
	runtime.GC()
	check("collected")
}
