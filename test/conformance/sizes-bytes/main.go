// What a byte array of each size takes on the heap: its size class, or whole pages above 32,760 bytes.
//
// compare: exact
package main

import (
	"fmt"

	"conformance/probe"
)

var kept []byte

func main() {
	probe.Still()
	sizes := []int{
		16, 17, 24, 25, 32, 33, 48, 49, 64, 65, 80, 81, 96, 97, 112, 128, 129, 144, 160, 176, 192, 208, 224,
		240, 256, 257, 288, 320, 352, 384, 416, 448, 480, 512, 513, 576, 640, 704, 768, 896, 1016, 1017, 1024,
		1025, 1152, 1280, 1408, 1536, 1792, 2048, 2049, 2304, 2688, 3072, 3200, 3456, 4096, 4097, 4864, 5376,
		6144, 6528, 6784, 6912, 8192, 8193, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 18433,
		19072, 20480, 21760, 24576, 27264, 28672, 32760, 32761, 32768, 32769, 40960, 40961, 65536, 100000, 1 << 20,
	}
	for _, size := range sizes {
		change := probe.Measure(func() { kept = make([]byte, size) })
		fmt.Println(size, change.Mallocs, change.Bytes)
	}
}
