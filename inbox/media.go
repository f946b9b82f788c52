package inbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // decoders for thumbnails
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // likewise

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/filetype"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	jobMedia = "media"
	// maxMedia is the largest file, either way.
	maxMedia = 100 << 20
	// maxPixels keeps small files that unpack to huge pictures from eating the memory.
	maxPixels = 50_000_000
	thumbSize = 480
	// mediaTries with the jobs' backoff is about ten minutes; then a person may ask again.
	mediaTries = 8
)

// Media is a stored file: uploaded here, or fetched from a provider.
type Media struct {
	store.Meta     `bson:",inline"`
	WorkspaceID    string    `bson:"workspace_id"`
	ConversationID string    `bson:"conversation_id,omitempty"` // of what came in
	SentIn         []string  `bson:"sent_in,omitempty"`         // the conversations that an upload was sent in
	Kind           string    `bson:"kind"`
	MIME           string    `bson:"mime"`
	Name           string    `bson:"name"`
	Size           int64     `bson:"size"`
	Width          int       `bson:"width,omitempty"`
	Height         int       `bson:"height,omitempty"`
	Thumbnail      bool      `bson:"thumbnail,omitempty"`
	CreatedBy      string    `bson:"created_by,omitempty"`
	Used           bool      `bson:"used,omitempty"` // an upload became part of a message
	CreatedAt      time.Time `bson:"created_at"`
}

// face reports whether it is a person's picture: nobody uploaded it, and it was in no message.
func (m *Media) face() bool { return m.CreatedBy == "" && m.ConversationID == "" }

func thumbID(id string) string { return id + ".thumb" }

// keep stores the content with its sniffed type and, for pictures, a thumbnail. claimed is what the sender calls it.
func (s *Service) keep(ctx context.Context, m *Media, claimed string, r io.Reader) error {
	head := make([]byte, 3072)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	m.MIME = filetype.Detect(head, claimed, m.Name)
	if m.Kind == "" {
		m.Kind = kindOf(m.MIME)
	}
	m.Size, err = s.Blobs.Put(ctx, m.ID, io.LimitReader(io.MultiReader(bytes.NewReader(head), r), maxMedia+1))
	if err != nil {
		return err
	}
	if m.Size > maxMedia {
		if err := s.Blobs.Delete(ctx, m.ID); err != nil {
			return err
		}
		return errs.New(errs.TooLarge, "too_large", "Files may have at most 100 MB.")
	}
	if strings.HasPrefix(m.MIME, "image/") {
		s.thumbnail(ctx, m)
	}
	return nil
}

func kindOf(mime string) string {
	major, minor, _ := strings.Cut(mime, "/")
	switch {
	case mime == "image/jpeg", mime == "image/png", mime == "image/webp", mime == "image/gif":
		return "image"
	case major == "video" && (minor == "mp4" || minor == "3gpp" || minor == "webm"), major == "audio":
		return major
	}
	return "document"
}

// cleanName keeps the last part of a file name, without what file systems or headers could misread.
func cleanName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return -1
		}
		return r
	}, name)
	if name == "." || name == "/" {
		return ""
	}
	if runes := []rune(name); len(runes) > 200 {
		name = string(runes[len(runes)-200:])
	}
	return name
}

// thumbnail makes a small picture where it can; a picture that cannot be read is shown as a file.
func (s *Service) thumbnail(ctx context.Context, m *Media) {
	r, _, err := s.Blobs.Open(ctx, m.ID)
	if err != nil {
		return
	}
	defer func() { _ = r.Close() }()
	config, _, err := image.DecodeConfig(r)
	if err != nil || config.Width*config.Height > maxPixels || config.Width < 1 || config.Height < 1 {
		return
	}
	m.Width, m.Height = config.Width, config.Height
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return
	}
	s.decoding <- struct{}{}
	defer func() { <-s.decoding }()
	full, _, err := image.Decode(r)
	if err != nil {
		return
	}
	scale := min(1, float64(thumbSize)/float64(max(config.Width, config.Height)))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(config.Width)*scale)), max(1, int(float64(config.Height)*scale))))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Over, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: 82}); err != nil {
		return
	}
	if _, err := s.Blobs.Put(ctx, thumbID(m.ID), &out); err == nil {
		m.Thumbnail = true
	}
}

// fetchLater adds a job for each attachment that is still with the provider.
func (s *Service) fetchLater(c *change, m *Message) {
	for _, a := range m.Attachments {
		if a.State == "ready" || a.UploadID != "" {
			continue
		}
		s.startLater(c, jobs.Spec{
			Kind: jobMedia, WorkspaceID: m.WorkspaceID, Ref: m.ID, Share: m.ChannelID, Payload: []byte(a.ID), Key: []string{a.ID},
		})
	}
}

// runMedia fetches one attachment. The message is shown before, and updated when the file is here.
func (s *Service) runMedia(ctx context.Context, job *jobs.Job) error {
	m, err := s.messages.Get(ctx, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n := slices.IndexFunc(m.Attachments, func(a channels.Attachment) bool { return a.ID == string(job.Payload) })
	if n < 0 || m.Attachments[n].State == "ready" {
		return nil
	}
	file, fetchErr := s.fetch(ctx, m, m.Attachments[n])
	if fetchErr != nil && job.Attempts+1 < mediaTries && temporary(fetchErr) {
		return fetchErr
	}
	if fetchErr != nil {
		s.Log.Info().Err(fetchErr).Str("message", m.ID).Msg("media given up")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 4*time.Second)
	defer cancel()
	return store.Retry(ctx, func() error { return s.fetched(ctx, job, n, file, fetchErr) })
}

func temporary(err error) bool {
	var e *channels.SendError
	return !errors.As(err, &e) || e.Outcome == channels.Throttled || e.Outcome == channels.Down || e.Outcome == channels.Uncertain
}

func (s *Service) fetch(ctx context.Context, m *Message, a channels.Attachment) (*Media, error) {
	ch, err := s.Channels.Of(ctx, m.WorkspaceID, m.ChannelID)
	if err != nil {
		return nil, err
	}
	file := &Media{
		Meta: store.Meta{ID: a.ID}, WorkspaceID: m.WorkspaceID, ConversationID: m.ConversationID, Kind: a.Kind, CreatedAt: s.Clock.Now(),
	}
	return file, s.obtain(ctx, ch, a, file, maxMedia)
}

// obtain fetches what the provider has and keeps it as the file, if it has at most so many bytes.
func (s *Service) obtain(ctx context.Context, ch *channels.Connected, a channels.Attachment, file *Media, most int64) error {
	fetcher, ok := ch.Adapter.(channels.MediaFetcher)
	if !ok {
		return fmt.Errorf("%s cannot fetch media", ch.Kind)
	}
	got, err := fetcher.FetchMedia(ctx, ch.Account, a)
	if err != nil {
		return err
	}
	defer func() { _ = got.Content.Close() }()
	spool, err := os.CreateTemp("", "wasl-media-*") // the whole of it first: a cut connection must not look like a file
	if err != nil {
		return err
	}
	defer func() { _ = spool.Close(); _ = os.Remove(spool.Name()) }()
	size, err := io.Copy(spool, io.LimitReader(got.Content, most+1))
	if err != nil {
		return err
	}
	if size > most {
		return &channels.SendError{Outcome: channels.Refused, Code: "too_large", Title: "The file is too large", Detail: "It stays with the provider."}
	}
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	file.Name = cleanName(cmp.Or(a.Name, got.Name))
	return s.keep(ctx, file, cmp.Or(a.MIME, got.MIME), spool)
}

// fetched writes the outcome of a fetch into the message.
func (s *Service) fetched(ctx context.Context, job *jobs.Job, n int, file *Media, fetchErr error) error {
	m, err := s.messages.Get(ctx, job.Ref)
	if err != nil {
		return err
	}
	conv, err := s.getConversation(ctx, m.ConversationID)
	if err != nil {
		return err
	}
	if n >= len(m.Attachments) { // withdrawn in between, with its files
		return s.eraseFiles(ctx, []channels.Attachment{{ID: string(job.Payload)}})
	}
	a := &m.Attachments[n]
	c := &change{}
	if fetchErr != nil {
		a.State, a.Error = "failed", "The file could not be fetched from the provider."
		var e *channels.SendError
		if errors.As(fetchErr, &e) {
			a.Error = e.Title + ". " + e.Detail
		}
	} else {
		if kind := kindOf(file.MIME); a.Kind == "image" && kind == "video" {
			a.Kind = kind // of a story the provider does not say which it is
		}
		a.State, a.MIME, a.Size, a.Width, a.Height, a.Thumbnail = "ready", file.MIME, file.Size, file.Width, file.Height, file.Thumbnail
		known, err := s.media.GetMany(ctx, file.ID)
		if err != nil {
			return err
		}
		if len(known) == 0 {
			c.Changes = append(c.Changes, s.media.Insert(file))
		}
	}
	if err := s.show(ctx, c, "message.updated", conv, m); err != nil {
		return err
	}
	c.Changes = append(c.Changes, job.Done()...)
	return s.commit(ctx, c)
}

// eraseFiles forgets the files of a message.
func (s *Service) eraseFiles(ctx context.Context, files []channels.Attachment) error {
	for _, a := range files {
		for _, id := range []string{a.ID, thumbID(a.ID)} {
			if err := s.Blobs.Delete(ctx, id); err != nil {
				return err
			}
		}
		row, err := s.media.Get(ctx, a.ID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.Engine.Write(ctx, s.media.Delete(row)); err != nil {
			return err
		}
	}
	return nil
}

// File returns a stored file that the viewer may see.
func (s *Service) File(ctx context.Context, v access.Viewer, id string) (*Media, error) {
	m, err := s.media.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return m, s.fileSeenBy(ctx, v, m)
}

// fileSeenBy refuses a file that the viewer may not see: others' uploads are seen by those who may see a conversation that they were
// sent in.
func (s *Service) fileSeenBy(ctx context.Context, v access.Viewer, m *Media) error {
	in := m.SentIn
	if m.ConversationID != "" {
		in = []string{m.ConversationID}
	}
	switch {
	case m.WorkspaceID != v.WorkspaceID:
		return store.ErrNotFound
	case m.face(), m.CreatedBy == v.UserID, m.Used && len(in) == 0: // uploads were not always noted with their conversations
		return nil
	}
	convs, err := s.conversations.GetMany(ctx, in...)
	if err == nil && !slices.ContainsFunc(convs, func(c *Conversation) bool { return c.seenBy(v) }) {
		return store.ErrNotFound
	}
	return err
}
