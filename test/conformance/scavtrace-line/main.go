// GODEBUG=scavtrace=1: the line that FreeOSMemory causes says that it was forced, and counts none of it as
// the background scavenger's work.
//
// compare: exact
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strings"
)

var kept []byte

func child() {
	kept = make([]byte, 16<<20)
	for i := range kept {
		kept[i] = 1
	}
	kept = nil
	debug.FreeOSMemory()
}

var line = regexp.MustCompile(`^scav (\d+) KiB work \(bg\), (\d+) KiB work \(eager\), (\d+) KiB now, (\d+)% util( \(forced\))?$`)

func main() {
	if len(os.Args) > 1 {
		child()
		return
	}
	command := exec.Command(os.Args[0], "child")
	command.Env = append(os.Environ(), "GODEBUG=scavtrace=1", "GOMAXPROCS=2", "GOGC=100")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Run(); err != nil {
		panic(err)
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	shaped, forced := 0, 0
	for _, text := range lines {
		match := line.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		shaped++
		if match[5] != "" {
			forced++
			fmt.Println("bg", match[1], "KiB")
		}
	}
	fmt.Println("all of that shape", shaped == len(lines), "forced", forced)
}
