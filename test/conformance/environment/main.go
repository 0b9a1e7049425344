// What a process starts with by GOGC and GOMEMLIMIT. The program starts itself with each.
//
// compare: exact
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"

	"conformance/probe"
)

func main() {
	if len(os.Args) > 1 {
		percent := debug.SetGCPercent(100)
		debug.SetGCPercent(percent)
		fmt.Print("percent ", percent, " goal ", probe.Stats().NextGC > 1<<60, " limit ", debug.SetMemoryLimit(-1))
		return
	}
	for _, setting := range []string{
		"GOGC=", "GOGC=100", "GOGC=50", "GOGC=0", "GOGC=off", "GOGC=-5", "GOGC=1000",
		"GOMEMLIMIT=off", "GOMEMLIMIT=1000000000", "GOMEMLIMIT=64MiB", "GOMEMLIMIT=2GiB", "GOMEMLIMIT=512KiB",
	} {
		command := exec.Command(os.Args[0], "child")
		command.Env = append(os.Environ(), setting)
		text, err := command.Output()
		fmt.Println(setting, string(text), err == nil)
	}
}
