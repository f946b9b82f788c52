package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"wasl/config"
	"wasl/internal/clock"
)

// manifestFile names every file of a backup; it is written last, so a folder with it is whole.
const manifestFile = "backup.json"

// manifest is what a backup consists of.
type manifest struct {
	Version string                `json:"version"` // of the program that made it
	TakenAt time.Time             `json:"taken_at"`
	Files   map[string]backupFile `json:"files"` // by path within the backup
}

type backupFile struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// backup makes one in a new folder: of a gateway that runs through its control socket, else of the folder itself.
func backup(ctx context.Context, folder string) error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	if c.MongoDBURI != "" {
		return errors.New("WASL_MONGODB_URI: back MongoDB up with mongodump")
	}
	to, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if done, err := askBackup(ctx, c.DataDir, to); done || err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.DataDir, storeFolder)); err != nil {
		return fmt.Errorf("WASL_DATA_DIR: nothing to back up: %w", err)
	}
	st, err := openStorage(ctx, c, clock.System{}, zerolog.Nop())
	if err != nil {
		return err
	}
	return errors.Join(st.backup(ctx, c.DataDir, to), st.close())
}

// backup writes a consistent copy of the data folder while everything goes on. The store is copied before the media, so that
// every file that the copied store speaks of is there: a file is whole before the store names it.
func (s *storage) backup(ctx context.Context, dataDir, to string) error {
	if s.checkpoint == nil {
		return errors.New("only the embedded store is backed up by this command")
	}
	return replaceEmpty(to, func(dir string) error {
		if err := s.checkpoint(ctx, filepath.Join(dir, storeFolder)); err != nil {
			return err
		}
		if err := copyTree(ctx, filepath.Join(dataDir, mediaFolder), filepath.Join(dir, mediaFolder)); err != nil {
			return err
		}
		if err := copyFile(filepath.Join(dataDir, keyFile), filepath.Join(dir, keyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // the key may be in the environment instead
		}
		return writeManifest(ctx, dir)
	})
}

// replaceEmpty fills a folder that does not exist or is empty: under another name until it is whole.
func replaceEmpty(to string, fill func(dir string) error) error {
	if entries, err := os.ReadDir(to); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s: is not empty", to)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(to), filepath.Base(to)+".partial-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // gone already where all went well
	if err := fill(dir); err != nil {
		return err
	}
	_ = os.Remove(to) // an empty one may be there
	if err := os.Rename(dir, to); err != nil {
		return err
	}
	return syncFile(filepath.Dir(to))
}

func writeManifest(ctx context.Context, dir string) error {
	m := manifest{Version: versionText(), TakenAt: clock.System{}.Now(), Files: map[string]backupFile{}}
	err := eachFile(ctx, dir, func(path string) (err error) {
		m.Files[path], err = describe(filepath.Join(dir, path))
		return err
	})
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, manifestFile)
	return errors.Join(os.WriteFile(path, data, 0o600), syncFile(path), syncFile(dir))
}

func describe(path string) (backupFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return backupFile{}, err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	return backupFile{Size: size, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// eachFile visits the files under a folder by their paths within it. Files that go away meanwhile are passed over.
func eachFile(ctx context.Context, dir string, visit func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		within, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return errors.Join(visit(within), ctx.Err())
	})
}

// copyTree copies the files of a folder but those that are still being written.
func copyTree(ctx context.Context, from, to string) error {
	return eachFile(ctx, from, func(path string) error {
		if strings.HasPrefix(filepath.Base(path), ".") {
			return nil
		}
		err := copyFile(filepath.Join(from, path), filepath.Join(to, path))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// restore puts a backup into an empty data folder once every file of it was found to be what it was, and the store opens.
func restore(ctx context.Context, from string) error {
	c, err := config.Load(os.Environ(), config.File)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(from, manifestFile))
	if err != nil {
		return fmt.Errorf("no backup: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("%s: %w", manifestFile, err)
	}
	to, err := filepath.Abs(c.DataDir)
	if err != nil {
		return err
	}
	return replaceEmpty(to, func(dir string) error {
		for path, want := range m.Files {
			if err := restoreFile(from, dir, path, want); err != nil {
				return err
			}
		}
		c.DataDir = dir
		st, err := openStorage(ctx, c, clock.System{}, zerolog.Nop())
		if err != nil {
			return err
		}
		return st.close()
	})
}

func restoreFile(from, to, path string, want backupFile) error {
	if !filepath.IsLocal(path) {
		return fmt.Errorf("%s: leads out of the backup", path)
	}
	if err := copyFile(filepath.Join(from, path), filepath.Join(to, path)); err != nil {
		return err
	}
	got, err := describe(filepath.Join(to, path))
	if err == nil && got != want {
		err = fmt.Errorf("%s: is not what was backed up", path)
	}
	return err
}
