package reactions

import (
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if Worker() {
		return
	}
	os.Exit(m.Run())
}

// Whatever is killed, every reaction succeeds once for every commit, in the order of its subject. The full size is `make torture`.
func TestReactionsFollowFromEveryCommitThroughKills(t *testing.T) {
	for name, instances := range map[string]int{"embedded": 1, "shared": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wrong, err := Run(t.Context(), Plan{Dir: t.TempDir(), Instances: instances, Commits: 3000, Subjects: 100, Say: t.Logf})
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range wrong {
				t.Error(line)
			}
		})
	}
}

// A reaction's job that is not part of the write is lost by a kill between the two, and the check says so.
func TestASplitWriteIsFound(t *testing.T) {
	t.Parallel()
	wrong, err := Run(t.Context(), Plan{Dir: t.TempDir(), Instances: 1, Commits: 10000, Subjects: 100, Split: true, Say: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(wrong, "\n"), "was followed 0 times") {
		t.Errorf("not found: %q", wrong)
	}
}
