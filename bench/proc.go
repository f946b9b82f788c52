package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc's processor times on Linux.
const tick = 10 * time.Millisecond

// cpu is the processor time of a process since it began.
func cpu(pid int) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:])) // the name may hold anything
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}

// resident is the memory of a process in MiB.
func resident(pid int) float64 {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]), " kB"), 64)
	return kib / 1024
}

// machine is the processor time that everybody used, stolen time included.
func machine() time.Duration {
	data, _ := os.ReadFile("/proc/stat")
	fields := strings.Fields(strings.SplitN(string(data), "\n", 2)[0])
	total := int64(0)
	for n, f := range fields[1:] {
		if n == 3 || n == 4 || n > 7 { // idle, waiting for the disk, guests (counted already)
			continue
		}
		v, _ := strconv.ParseInt(f, 10, 64)
		total += v
	}
	return time.Duration(total) * tick
}

// others is how many processors everybody but these processes and this one used while fn ran.
func others(fn func() error, pids ...int) (float64, error) {
	ours := func() time.Duration {
		total := cpu(os.Getpid())
		for _, pid := range pids {
			total += cpu(pid)
		}
		return total
	}
	begin, all, own := time.Now(), machine(), ours()
	err := fn()
	rest := (machine() - all) - (ours() - own)
	return max(0, rest.Seconds()) / time.Since(begin).Seconds(), err
}
