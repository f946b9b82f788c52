package web

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"

	"github.com/gofiber/fiber/v2"

	"wasl/internal/errs"
)

const (
	// maxFields bounds the parts of a form, partHead the head of one, in bytes.
	maxFields = 20
	partHead  = 64 << 10
	// maxValue bounds a part that is no file.
	maxValue = 1 << 10
)

var errForm = errs.InvalidField("missing_file", "file", "send the file as the multipart field file")

// ReadForm hands out the parts of a form one after the other while they arrive: nothing of a file is held in memory. It is for addresses
// whose allowance is a stream. What file does with its part is what it reads of it.
func ReadForm(c *fiber.Ctx, file func(part *multipart.Part) error, value func(name, text string)) error {
	b := bodyOf(c)
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if b == nil || err != nil || kind != fiber.MIMEMultipartForm || params["boundary"] == "" {
		return errForm
	}
	most := b.most
	form, found := multipart.NewReader(b, params["boundary"]), false
	for range maxFields {
		b.most = min(most, b.read+partHead) // its head is kept in memory
		part, err := form.NextRawPart()
		b.most = most
		switch {
		case errors.Is(err, io.EOF) && found:
			return nil
		case errors.Is(err, io.EOF):
			return errForm
		case err != nil:
			return unread(err)
		}
		if part.FormName() == "file" && !found {
			found = true
			err := file(part)
			if b.failed != nil || errors.Is(err, io.ErrUnexpectedEOF) {
				return unread(cmp.Or(b.failed, err))
			}
			if err != nil {
				return err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, maxValue))
		if err != nil {
			return unread(err)
		}
		value(part.FormName(), string(text))
	}
	return errForm
}
