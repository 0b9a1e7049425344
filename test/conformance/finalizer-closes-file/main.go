// A file handle that was dropped without a Close is closed by its finalizer.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
	"syscall"

	"conformance/probe"
)

type file struct {
	fd   int
	next *file
}

var said = probe.NewSaid()

func open() *file {
	fd, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	// A number that nobody else is given once it is free.
	high, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD, 700)
	if errno != 0 {
		panic(errno)
	}
	syscall.Close(fd)
	f := &file{fd: int(high)}
	runtime.SetFinalizer(f, func(f *file) {
		said <- fmt.Sprint("close: ", syscall.Close(f.fd) == nil)
	})
	return f
}

//go:noinline
func use() int {
	f := open()
	defer runtime.KeepAlive(f)
	return f.fd
}

func isOpen(fd int) bool {
	var stat syscall.Stat_t
	return syscall.Fstat(fd, &stat) == nil
}

func main() {
	probe.Still()
	fd := use()
	fmt.Println("open", isOpen(fd))
	fmt.Println(said.Collect())
	fmt.Println("open", isOpen(fd))
}
