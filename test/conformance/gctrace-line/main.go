// GODEBUG=gctrace=1 writes a line a cycle. The program starts itself with it and reads the lines.
//
// compare: exact
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

var kept [][]byte

func child() {
	for range 3 {
		runtime.GC()
	}
	for range 32 {
		kept = append(kept, make([]byte, 1<<20))
	}
	runtime.GC()
	// GC may return before the line of its cycle is written.
	time.Sleep(30 * time.Millisecond)
}

var line = regexp.MustCompile(`^gc (\d+) @\d+\.\d{3}s \d+%: [\d.]+\+[\d.]+\+[\d.]+ ms clock, ` +
	`[\d.]+\+[\d.]+/[\d.]+/[\d.]+\+[\d.]+ ms cpu, (\d+)->(\d+)->(\d+) MB, (\d+) MB goal, ` +
	`\d+ MB stacks, \d+ MB globals, (\d+) P( \(forced\))?$`)

func main() {
	if len(os.Args) > 1 {
		child()
		return
	}
	command := exec.Command(os.Args[0], "child")
	command.Env = append(os.Environ(), "GODEBUG=gctrace=1", "GOMAXPROCS=2", "GOGC=100")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Run(); err != nil {
		panic(err)
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	shaped, numbered, forced := 0, 0, 0
	for i, text := range lines {
		match := line.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		shaped++
		if match[1] == fmt.Sprint(i+1) {
			numbered++
		}
		if match[7] != "" {
			forced++
		}
	}
	fmt.Println("all of that shape", shaped == len(lines), "numbered", numbered == len(lines), "forced", forced)
	first := line.FindStringSubmatch(lines[0])
	fmt.Println("first: MB", first[2], first[3], first[4], "goal", first[5], "P", first[6])
	last := line.FindStringSubmatch(lines[len(lines)-1])
	fmt.Println("last: MB", last[2], last[3], last[4], "P", last[6])
}
