package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// diskSize is the size of the disk that is filled.
const diskSize = 768 << 20

// dieWithUs ends the process with the rig, however that ends.
func dieWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// mountDisk mounts a small disk.
func mountDisk(dir string) error {
	return syscall.Mount("torture", dir, "tmpfs", 0, fmt.Sprintf("size=%d", diskSize))
}

func unmountDisk(dir string) error { return syscall.Unmount(dir, 0) }

// fill takes the room that is left on the disk, in ever smaller pieces, because others write too.
func fill(ballast *os.File) {
	var end int64
	for piece := int64(64 << 20); piece >= 4096; piece /= 2 {
		for syscall.Fallocate(int(ballast.Fd()), 0, end, piece) == nil {
			end += piece
		}
	}
}
