// A finalizer writes a line to a log before its object is removed from memory.
//
// compare: exact
package main

import (
	"log"
	"os"
	"runtime"

	"conformance/probe"
)

type session struct {
	user string
	next *session
}

var said = probe.NewSaid()

//go:noinline
func create(user string) {
	runtime.SetFinalizer(&session{user: user}, func(s *session) {
		log.Printf("session of %s is removed from memory", s.user)
	})
}

func main() {
	log.SetFlags(0)
	log.SetOutput(os.Stdout)
	probe.Still()
	create("gopher")
	log.Print("dropped")
	said.Collect()
	log.Print("collected")
}
