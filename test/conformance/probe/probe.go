// Package probe is what the conformance programs share: a process that does only what it is told, and
// readings that hold no more than the program did between them.
package probe

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Still leaves one P and no collection but those asked for, and clears away what the start of the
// process left.
func Still() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	for range 3 {
		runtime.GC()
	}
}

// Said is where finalizers and cleanups leave a word.
type Said chan string

// NewSaid has room for every word that a program says.
func NewSaid() Said {
	return make(Said, 256)
}

// Rest lets every finalizer and cleanup that is due run, and returns their words in the order in which
// they were said; "-" for none. With one P nobody else runs until they are done.
func (s Said) Rest() string {
	time.Sleep(10 * time.Millisecond)
	var words []string
	for len(s) > 0 {
		words = append(words, <-s)
	}
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, " ")
}

// Collect runs a cycle and then does as Rest.
func (s Said) Collect() string {
	runtime.GC()
	return s.Rest()
}

// Change is by how much figures of MemStats moved.
type Change struct {
	Mallocs, Frees, Bytes, Alloc, Objects int64
}

var before, after runtime.MemStats

// Measure tells what f allocated.
func Measure(f func()) Change {
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return Change{
		Mallocs: int64(after.Mallocs - before.Mallocs),
		Frees:   int64(after.Frees - before.Frees),
		Bytes:   int64(after.TotalAlloc - before.TotalAlloc),
		Alloc:   int64(after.HeapAlloc - before.HeapAlloc),
		Objects: int64(after.HeapObjects - before.HeapObjects),
	}
}

// The last few MemStats read: as globals they take no heap, and no stack of the program's.
var (
	read   [8]runtime.MemStats
	latest int
)

// Stats reads MemStats. What it returns holds for the next seven calls.
func Stats() *runtime.MemStats {
	latest = (latest + 1) % len(read)
	runtime.ReadMemStats(&read[latest])
	return &read[latest]
}

// Try calls f and tells what it panicked with, or "ok".
func Try(f func()) (outcome string) {
	defer func() {
		if r := recover(); r != nil {
			outcome = fmt.Sprint("panic: ", r)
		}
	}()
	f()
	return "ok"
}

// Live tells how many objects there are in the size class of that many bytes.
func Live(size uint32) int64 {
	runtime.ReadMemStats(&after)
	for _, class := range after.BySize {
		if class.Size == size {
			return int64(class.Mallocs - class.Frees)
		}
	}
	panic("no such size class in BySize")
}
