// What runtime/metrics says and what MemStats says are the same figures.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"

	"conformance/probe"
)

var (
	kept    [][]byte
	samples []metrics.Sample
	m       runtime.MemStats
)

func value(name string) uint64 {
	for _, sample := range samples {
		if sample.Name == name {
			return sample.Value.Uint64()
		}
	}
	panic(name)
}

func main() {
	probe.Still()
	for i := range 3000 {
		kept = append(kept, make([]byte, i))
	}
	runtime.GC()
	for _, name := range []string{
		"/gc/cycles/automatic:gc-cycles", "/gc/cycles/forced:gc-cycles", "/gc/cycles/total:gc-cycles",
		"/gc/heap/allocs:bytes", "/gc/heap/allocs:objects", "/gc/heap/frees:bytes", "/gc/heap/frees:objects",
		"/gc/heap/goal:bytes", "/gc/heap/live:bytes", "/gc/heap/objects:objects", "/gc/heap/tiny/allocs:objects",
		"/memory/classes/heap/free:bytes", "/memory/classes/heap/objects:bytes", "/memory/classes/heap/released:bytes",
		"/memory/classes/heap/stacks:bytes", "/memory/classes/heap/unused:bytes",
		"/memory/classes/metadata/mcache/free:bytes", "/memory/classes/metadata/mcache/inuse:bytes",
		"/memory/classes/metadata/mspan/free:bytes", "/memory/classes/metadata/mspan/inuse:bytes",
		"/memory/classes/metadata/other:bytes", "/memory/classes/os-stacks:bytes", "/memory/classes/other:bytes",
		"/memory/classes/profiling/buckets:bytes", "/memory/classes/total:bytes",
		"/gc/scan/globals:bytes", "/gc/scan/heap:bytes", "/gc/scan/stack:bytes", "/gc/scan/total:bytes",
		"/sched/gomaxprocs:threads", "/gc/gogc:percent",
	} {
		samples = append(samples, metrics.Sample{Name: name})
	}
	metrics.Read(samples)
	runtime.ReadMemStats(&m)
	metrics.Read(samples)
	tiny := value("/gc/heap/tiny/allocs:objects")
	objects, unused := value("/memory/classes/heap/objects:bytes"), value("/memory/classes/heap/unused:bytes")
	free, released := value("/memory/classes/heap/free:bytes"), value("/memory/classes/heap/released:bytes")
	for _, identity := range []struct {
		name        string
		left, right uint64
	}{
		{"cycles", value("/gc/cycles/automatic:gc-cycles") + value("/gc/cycles/forced:gc-cycles"), uint64(m.NumGC)},
		{"total cycles", value("/gc/cycles/total:gc-cycles"), uint64(m.NumGC)},
		{"forced", value("/gc/cycles/forced:gc-cycles"), uint64(m.NumForcedGC)},
		{"allocated bytes", value("/gc/heap/allocs:bytes"), m.TotalAlloc},
		{"live bytes", value("/gc/heap/allocs:bytes") - value("/gc/heap/frees:bytes"), m.HeapAlloc},
		{"mallocs", value("/gc/heap/allocs:objects") + tiny, m.Mallocs},
		{"frees", value("/gc/heap/frees:objects") + tiny, m.Frees},
		{"objects", value("/gc/heap/objects:objects"), m.HeapObjects},
		{"goal", value("/gc/heap/goal:bytes"), m.NextGC},
		{"heap objects", objects, m.HeapAlloc},
		{"in use", objects + unused, m.HeapInuse},
		{"idle", free + released, m.HeapIdle},
		{"released", released, m.HeapReleased},
		{"stacks", value("/memory/classes/heap/stacks:bytes"), m.StackInuse},
		{"mspan", value("/memory/classes/metadata/mspan/inuse:bytes"), m.MSpanInuse},
		{"mspan sys", value("/memory/classes/metadata/mspan/inuse:bytes") + value("/memory/classes/metadata/mspan/free:bytes"), m.MSpanSys},
		{"mcache", value("/memory/classes/metadata/mcache/inuse:bytes"), m.MCacheInuse},
		{"mcache sys", value("/memory/classes/metadata/mcache/inuse:bytes") + value("/memory/classes/metadata/mcache/free:bytes"), m.MCacheSys},
		{"GC", value("/memory/classes/metadata/other:bytes"), m.GCSys},
		{"other", value("/memory/classes/other:bytes"), m.OtherSys},
		{"buckets", value("/memory/classes/profiling/buckets:bytes"), m.BuckHashSys},
		{"total", value("/memory/classes/total:bytes"), m.Sys},
		{"scan", value("/gc/scan/globals:bytes") + value("/gc/scan/heap:bytes") + value("/gc/scan/stack:bytes"), value("/gc/scan/total:bytes")},
		{"procs", value("/sched/gomaxprocs:threads"), 1},
		{"GOGC off", value("/gc/gogc:percent"), 1<<64 - 1},
	} {
		fmt.Println(identity.name, identity.left == identity.right)
	}
	live := value("/gc/heap/live:bytes")
	fmt.Println("marked at the last cycle, at most what is allocated", live > 0 && live <= m.HeapAlloc)
	runtime.KeepAlive(kept)
}
