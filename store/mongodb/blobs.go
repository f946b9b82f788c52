package mongodb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/gridfs"
	"go.mongodb.org/mongo-driver/mongo/options"

	"wasl/internal/blob"
)

const (
	bucketName = "media"
	// transfer bounds the upload of one blob whose caller set no deadline.
	transfer = 5 * time.Minute
)

// Blobs keeps media in GridFS, where every instance finds them. The blob's id is the file's name, not its key: two
// instances that put the same blob at the same moment make two whole files, never a mixed one.
type Blobs struct{ db *mongo.Database }

var _ blob.Store = (*Blobs)(nil)

// Blobs returns the blob store in the engine's database.
func (e *Engine) Blobs() *Blobs { return &Blobs{db: e.db} }

func (b *Blobs) bucket() (*gridfs.Bucket, error) {
	return gridfs.NewBucket(b.db, options.GridFSBucket().SetName(bucketName)) // not to be shared: its first write is a race
}

// Put uploads r; the file appears when all of it is there.
func (b *Blobs) Put(ctx context.Context, id string, r io.Reader) (int64, error) {
	if kept, err := b.find(ctx, id); err == nil || !errors.Is(err, blob.ErrNotFound) {
		return kept.Length, err
	}
	bucket, err := b.bucket()
	if err != nil {
		return 0, fmt.Errorf("blob put: %w", err)
	}
	up, err := bucket.OpenUploadStream(id)
	if err != nil {
		return 0, fmt.Errorf("blob put: %w", mapError(err))
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(transfer) //nolint:forbidigo // a deadline of the network
	}
	if err := up.SetWriteDeadline(deadline); err != nil {
		return 0, fmt.Errorf("blob put: %w", err)
	}
	n, err := io.Copy(up, r)
	if err != nil {
		_ = up.Abort() // what cannot be removed now belongs to no file
		return 0, fmt.Errorf("blob put: %w", mapError(err))
	}
	if err := up.Close(); err != nil {
		return 0, fmt.Errorf("blob put: %w", mapError(err))
	}
	return n, nil
}

// file is what GridFS knows of a file.
type file struct {
	ID        any   `bson:"_id"`
	Length    int64 `bson:"length"`
	ChunkSize int64 `bson:"chunkSize"`
}

func (b *Blobs) find(ctx context.Context, id string) (f file, err error) {
	err = b.db.Collection(bucketName+".files").FindOne(ctx, bson.D{{Key: "filename", Value: id}}).Decode(&f)
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return f, fmt.Errorf("%s: %w", id, blob.ErrNotFound)
	case err != nil:
		return f, fmt.Errorf("blob find: %w", mapError(err))
	case f.ChunkSize <= 0:
		return f, fmt.Errorf("blob find: %s has no chunk size", id)
	}
	return f, nil
}

// Open returns the content, which is read chunk by chunk from wherever the reader is moved.
func (b *Blobs) Open(ctx context.Context, id string) (io.ReadSeekCloser, int64, error) {
	f, err := b.find(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	return &content{ctx: context.WithoutCancel(ctx), chunks: b.db.Collection(bucketName + ".chunks"), file: f, number: -1}, f.Length, nil
}

// Delete removes the blob's files.
func (b *Blobs) Delete(ctx context.Context, id string) error {
	bucket, err := b.bucket()
	if err != nil {
		return fmt.Errorf("blob delete: %w", err)
	}
	for {
		f, err := b.find(ctx, id)
		if errors.Is(err, blob.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := bucket.DeleteContext(ctx, f.ID); err != nil && !errors.Is(err, gridfs.ErrFileNotFound) {
			return fmt.Errorf("blob delete: %w", mapError(err))
		}
	}
}

// content reads a file of GridFS.
type content struct {
	ctx    context.Context //nolint:containedctx // io.Reader has none; the answer is streamed after the handler ended
	chunks *mongo.Collection
	file   file
	at     int64
	number int64 // of the chunk at hand
	chunk  []byte
}

// Read returns bytes of the chunk at the present place.
func (c *content) Read(p []byte) (int, error) {
	if c.at >= c.file.Length {
		return 0, io.EOF
	}
	if number := c.at / c.file.ChunkSize; number != c.number {
		ctx, cancel := context.WithTimeout(c.ctx, patience)
		defer cancel()
		var found struct {
			Data []byte `bson:"data"`
		}
		key := bson.D{{Key: "files_id", Value: c.file.ID}, {Key: "n", Value: number}}
		if err := c.chunks.FindOne(ctx, key).Decode(&found); err != nil {
			return 0, fmt.Errorf("blob read: %w", mapError(err))
		}
		c.number, c.chunk = number, found.Data
	}
	from := c.at - c.number*c.file.ChunkSize
	if from >= int64(len(c.chunk)) {
		return 0, fmt.Errorf("blob read: chunk %d is cut off: %w", c.number, io.ErrUnexpectedEOF)
	}
	n := copy(p, c.chunk[from:])
	c.at += int64(n)
	return n, nil
}

// Seek moves the place; nothing is read.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.file.Length
	}
	if offset < 0 {
		return 0, errors.New("blob seek: before the beginning")
	}
	c.at = offset
	return offset, nil
}

// Close does nothing: no cursor stays open.
func (c *content) Close() error { return nil }
