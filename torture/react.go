package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"wasl/torture/reactions"
)

// splitWrite is the planted fault that what follows from a commit is not in its write.
const splitWrite = "split_write"

// react counts what follows from commits, on one instance and on three: 100,000 of them in a full run.
func (s settings) react(ctx context.Context, dir string) (wrong []string, err error) {
	commits := min(max(int(s.load.Seconds()*150), 2000), 100_000)
	for _, size := range []int{1, instances} {
		sub := filepath.Join(dir, fmt.Sprint(size))
		if err := os.MkdirAll(sub, 0o700); err != nil {
			return nil, err
		}
		found, err := reactions.Run(ctx, reactions.Plan{
			Dir: sub, Instances: size, Commits: commits, Subjects: 500, Split: s.plant == splitWrite, Say: say,
		})
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, found...)
	}
	report(wrong)
	if len(wrong) == 0 && !s.keep {
		_ = os.RemoveAll(dir)
	}
	return wrong, nil
}
