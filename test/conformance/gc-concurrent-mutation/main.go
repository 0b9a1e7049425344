// The program changes its structures while cycles run, and nothing that is reachable is lost.
//
// compare: exact
package main

import (
	"fmt"
	"runtime"
)

type node struct {
	value       int
	left, right *node
}

func build(low, high int) *node {
	if low >= high {
		return nil
	}
	middle := (low + high) / 2
	return &node{middle, build(low, middle), build(middle+1, high)}
}

func (n *node) walk(seen *[]int) {
	if n != nil {
		n.left.walk(seen)
		*seen = append(*seen, n.value)
		n.right.walk(seen)
	}
}

var root *node

func main() {
	root = build(0, 20000)
	done := make(chan bool)
	go func() {
		for range 20 {
			runtime.GC()
		}
		done <- true
	}()
	for mixed := 0; ; mixed++ {
		// Swap the children all the way down one path, and build part of the tree anew.
		for n := root; n != nil; n = n.left {
			n.left, n.right = n.right, n.left
		}
		for n := root; n != nil; n = n.left {
			n.left, n.right = n.right, n.left
		}
		fresh := &node{root.value, root.left, root.right}
		root = fresh
		select {
		case <-done:
			var seen []int
			root.walk(&seen)
			sum := 0
			for _, value := range seen {
				sum += value
			}
			fmt.Println("nodes", len(seen), "sum", sum)
			return
		default:
		}
	}
}
