// A GOMEMLIMIT that cannot be read is fatal; a GOGC that cannot be read is as good as none.
//
// compare: exact
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Print("percent ", debug.SetGCPercent(100))
		return
	}
	for _, setting := range []string{
		"GOGC=many", "GOGC=1e2", "GOGC=12%", "GOMEMLIMIT=64MB", "GOMEMLIMIT=-1", "GOMEMLIMIT=1.5GiB", "GOMEMLIMIT=none",
	} {
		command := exec.Command(os.Args[0], "child")
		command.Env = append(os.Environ(), setting)
		text, err := command.CombinedOutput()
		for _, line := range strings.Split(string(text), "\n") {
			if strings.HasPrefix(line, "percent") || strings.HasPrefix(line, "fatal error") || strings.HasPrefix(line, "GO") {
				fmt.Println(setting, line, err == nil)
			}
		}
	}
}
