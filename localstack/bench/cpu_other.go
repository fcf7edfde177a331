//go:build !unix

package main

import "time"

// cpuTime returns 0: the system does not say what CPU time this process used.
func cpuTime() time.Duration { return 0 }
