// To flush a buffered writer by a finalizer is wrong: it does not run at exit, and what was in the
// buffer is lost. The program starts itself and looks at the file that this second process left.
//
// compare: exact
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"conformance/probe"
)

var writer *bufio.Writer

func child(path, mode string) {
	probe.Still()
	file, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	writer = bufio.NewWriter(file)
	runtime.SetFinalizer(writer, func(w *bufio.Writer) { w.Flush() })
	fmt.Fprint(writer, "eleven byte")
	if mode == "collected" {
		writer = nil
		probe.NewSaid().Collect()
	}
	if mode == "flushed" {
		writer.Flush()
	}
}

func main() {
	if len(os.Args) == 3 {
		child(os.Args[1], os.Args[2])
		return
	}
	folder, err := os.MkdirTemp("", "writer")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	for _, mode := range []string{"at-exit", "collected", "flushed"} {
		path := folder + "/" + mode
		if err := exec.Command(os.Args[0], path, mode).Run(); err != nil {
			panic(err)
		}
		text, _ := os.ReadFile(path)
		fmt.Println(mode, "bytes in the file:", len(text))
	}
}
