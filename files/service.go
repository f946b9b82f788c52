package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/filetype"
	"wasl/internal/jobs"
	"wasl/internal/picture"
	"wasl/internal/secret"
	"wasl/store"
)

// maxOwners bounds in how many places one file may be used.
const maxOwners = 1000

// See returns nil if the viewer may see what has the id, or store.ErrNotFound.
type See func(ctx context.Context, v access.Viewer, id string) error

// Options are what the service is made of.
type Options struct {
	Engine store.Engine
	Jobs   *jobs.Runner
	Clock  clock.Clock
	Blobs  blob.Store
	// PublicURL is the address under which providers fetch files that are sent; Box proves that such a link is ours.
	PublicURL string
	Box       *secret.Box
}

// Service keeps files.
type Service struct {
	Options
	files    store.Collection[File, *File]
	see      map[OwnerKind]See
	pictures *picture.Maker
}

// NewService returns the service and takes on its kind of job.
func NewService(o Options) *Service {
	s := &Service{
		Options: o, files: store.NewCollection[File](o.Engine, schema), see: map[OwnerKind]See{}, pictures: picture.NewMaker(),
	}
	o.Jobs.Handle(jobUnused, jobs.Bulk, jobs.Single(s.runUnused))
	return s
}

// Owner sets who may see the files of a kind of owner, before anything is served. Files of a kind that nobody registered are not seen.
func (s *Service) Owner(kind OwnerKind, see See) { s.see[kind] = see }

// Get returns a file whoever asks.
func (s *Service) Get(ctx context.Context, id string) (*File, error) { return s.files.Get(ctx, id) }

// Seen returns a file that the viewer may see, or store.ErrNotFound.
func (s *Service) Seen(ctx context.Context, v access.Viewer, id string) (*File, error) {
	f, err := s.files.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return f, s.mayView(ctx, v, f)
}

func (s *Service) mayView(ctx context.Context, v access.Viewer, f *File) error {
	if f.WorkspaceID != v.WorkspaceID {
		return store.ErrNotFound
	}
	if len(f.Owners) == 0 && f.CreatedBy != "" && f.CreatedBy == v.UserID {
		return nil
	}
	for _, o := range slices.Backward(f.Owners) { // what was used last is asked for most
		see, ok := s.see[o.Kind]
		if !ok {
			continue
		}
		if err := see(ctx, v, o.ID); !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return store.ErrNotFound
}

// Attach returns a file that the viewer gives to an owner, with the changes that do so: an upload of theirs that is not used yet, or one
// that they may see and that is there to be sent. Any other is store.ErrNotFound. Of one that is used in as many places as one may be it
// is a copy.
func (s *Service) Attach(ctx context.Context, v access.Viewer, to Owner, id string) (*File, []store.Change, error) {
	f, err := s.Seen(ctx, v, id)
	if err != nil {
		return nil, nil, err
	}
	if slices.ContainsFunc(f.Owners, func(o Owner) bool { return o.Kind == Contact }) { // a contact's picture is none to send
		return nil, nil, store.ErrNotFound
	}
	if len(f.Owners) < maxOwners || slices.Contains(f.Owners, to) {
		return f, s.Give(f, to), nil
	}
	r, err := s.Open(ctx, f.ID)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	twin, err := s.receive(ctx, New{WorkspaceID: f.WorkspaceID, CreatedBy: f.CreatedBy, Name: f.Name, Kind: f.Kind}, r)
	if err != nil {
		return nil, nil, err
	}
	twin.own(to)
	return twin, []store.Change{s.Insert(twin)}, nil
}

// Release returns the changes that take a file away from an owner. One that nobody has any more is removed like an upload that nobody uses.
func (s *Service) Release(ctx context.Context, f *File, from Owner) ([]store.Change, error) {
	n := slices.Index(f.Owners, from)
	if n < 0 {
		return nil, nil
	}
	f.Owners = slices.Delete(f.Owners, n, n+1)
	changes := []store.Change{s.files.Replace(f)}
	if len(f.Owners) > 0 {
		return changes, nil
	}
	unused, err := s.Jobs.Schedule(ctx, s.Clock.Now().Add(unusedFor), jobs.Spec{
		Kind: jobUnused, WorkspaceID: f.WorkspaceID, Ref: f.ID, Key: []string{f.ID},
	})
	return append(changes, unused), err
}

// Give returns the changes that give a file to an owner whoever asks: none where it is theirs.
func (s *Service) Give(f *File, to Owner) []store.Change {
	if !f.own(to) {
		return nil
	}
	return []store.Change{s.files.Replace(f)}
}

// Insert returns the change that adds a file whose content is stored.
func (s *Service) Insert(f *File) store.Change { return s.files.Insert(f) }

// Put stores the content of a file and says what it is: its sniffed type, its size and, for pictures, a thumbnail. claimed is the type that
// its sender gives.
func (s *Service) Put(ctx context.Context, f *File, claimed string, r io.Reader) error {
	if err := s.PutPlain(ctx, f, claimed, r); err != nil {
		return err
	}
	if strings.HasPrefix(f.MIME, "image/") {
		s.makeThumbnail(ctx, f)
	}
	return nil
}

// PutPlain is Put without a thumbnail.
func (s *Service) PutPlain(ctx context.Context, f *File, claimed string, r io.Reader) error {
	head := make([]byte, 3072)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	f.Name = cleanName(f.Name)
	f.MIME = filetype.Detect(head, claimed, f.Name)
	if f.Kind == "" {
		f.Kind = KindOf(f.MIME)
	}
	f.Size, err = s.Blobs.Put(ctx, f.ID, io.LimitReader(io.MultiReader(bytes.NewReader(head), r), MaxSize+1))
	if err != nil {
		return err
	}
	if f.Size > MaxSize {
		if err := s.Blobs.Delete(ctx, f.ID); err != nil {
			return err
		}
		return errs.New(errs.TooLarge, "too_large", "Files may have at most 100 MB.")
	}
	return nil
}

// Open returns the content of a file; the caller closes it.
func (s *Service) Open(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	r, _, err := s.Blobs.Open(ctx, id)
	return r, err
}

// Delete removes files with their contents, whoever owns them.
func (s *Service) Delete(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		if err := s.deleteContent(ctx, id); err != nil {
			return err
		}
		f, err := s.files.Get(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.Engine.Write(ctx, s.files.Delete(f)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) deleteContent(ctx context.Context, id string) error {
	for _, blobID := range []string{id, thumbnailID(id)} {
		if err := s.Blobs.Delete(ctx, blobID); err != nil {
			return err
		}
	}
	return nil
}
