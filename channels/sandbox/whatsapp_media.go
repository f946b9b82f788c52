package sandbox

import (
	"crypto/hmac"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	uploadMax       = 100 << 20
	mediaURLFor     = 5 * time.Minute
	inboundMediaFor = 7 * 24 * time.Hour
	uploadFor       = 30 * 24 * time.Hour
)

// mediaRule is what WhatsApp takes as one type of media.
type mediaRule struct {
	types []string
	max   int64
}

var waMediaRules = map[string]mediaRule{
	"image":   {[]string{"image/jpeg", "image/png"}, 5 << 20},
	"video":   {[]string{"video/mp4", "video/3gpp"}, 16 << 20},
	"audio":   {[]string{"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16 << 20},
	"sticker": {[]string{"image/webp"}, 500 << 10},
	"document": {[]string{
		"text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	}, uploadMax},
}

// bareType is a media type without its parameters.
func bareType(contentType string) string {
	bare, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(contentType))
	}
	return bare
}

// upload keeps a file of the business.
func (g *whatsApp) upload(c graphCall) (any, *graphError) {
	if c.id != c.account.ID {
		return nil, noObject(c.id)
	}
	c.r.Body = http.MaxBytesReader(nil, c.r.Body, uploadMax+1<<20)
	if err := c.r.ParseMultipartForm(8 << 20); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, fail(131053, "The file is larger than 100 MB.")
		}
		return nil, fail(100, "The body is no multipart form.")
	}
	defer func() { _ = c.r.MultipartForm.RemoveAll() }()
	if c.r.FormValue("messaging_product") != "whatsapp" {
		return nil, fail(100, "messaging_product is required and must be whatsapp.")
	}
	file, header, err := c.r.FormFile("file")
	if err != nil {
		return nil, fail(100, "file is required.")
	}
	defer file.Close()
	contentType := c.r.FormValue("type")
	if contentType == "" {
		contentType = header.Header.Get("Content-Type")
	}
	rule, ok := ruleFor(bareType(contentType))
	if !ok {
		return nil, fail(100, "Param file must be a file with one of the supported types. Received file of type '%s'.",
			bareType(contentType))
	}
	if header.Size == 0 || header.Size > rule.max {
		return nil, fail(131053, "A file of type %s may have 1 to %d bytes, this one has %d.", bareType(contentType), rule.max, header.Size)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, fail(131000, "The file could not be read.")
	}
	m, err := g.s.AddMedia(FromBusiness, contentType, header.Filename, content)
	if err != nil {
		return nil, fail(131000, "The file could not be kept.")
	}
	return map[string]string{"id": m.ID}, nil
}

// ruleFor is the rule of the type of media that this content type can be. Other types go as documents when they are an application's.
func ruleFor(contentType string) (mediaRule, bool) {
	for _, rule := range waMediaRules {
		if slices.Contains(rule.types, contentType) {
			return rule, true
		}
	}
	return waMediaRules["document"], strings.HasPrefix(contentType, "application/") || strings.HasPrefix(contentType, "text/")
}

// media finds a file that has not expired.
func (g *whatsApp) media(id string) (Media, bool) {
	m, ok := g.s.book.mediaInfo(id)
	if !ok {
		return m, false
	}
	lives := inboundMediaFor
	if m.From == FromBusiness {
		lives = uploadFor
	}
	return m, g.s.clock.Now().Sub(m.At) < lives
}

// mediaInfo answers with an address that is good for five minutes.
func (g *whatsApp) mediaInfo(c graphCall) (any, *graphError) {
	m, ok := g.media(c.id)
	if !ok {
		return nil, noObject(c.id)
	}
	if phone := c.r.URL.Query().Get("phone_number_id"); phone != "" && phone != c.account.ID {
		if other, known := g.s.account(phone); !known || other.AccessToken != c.account.AccessToken {
			return nil, noObject(c.id)
		}
	}
	base := g.s.listen
	if base == "" {
		base = "http://" + c.r.Host
	}
	return map[string]any{
		"url": g.mediaURL(base, m.ID), "mime_type": m.MIME, "sha256": m.SHA256, "file_size": m.Size, "id": m.ID,
		"messaging_product": "whatsapp",
	}, nil
}

func (g *whatsApp) deleteMedia(c graphCall) (any, *graphError) {
	if _, ok := g.media(c.id); !ok {
		return nil, noObject(c.id)
	}
	g.s.book.deleteMedia(c.id)
	return map[string]bool{"success": true}, nil
}

func (g *whatsApp) mediaURL(base, id string) string {
	expires := strconv.FormatInt(g.s.clock.Now().Add(mediaURLFor).Unix(), 10)
	return base + "/whatsapp_business/attachments/?" + url.Values{"mid": {id}, "ext": {expires}, "hash": {seal(id, expires)}}.Encode()
}

// download gives a file to whoever has its address and a token.
func (g *whatsApp) download(w http.ResponseWriter, r *http.Request) {
	if _, err := g.authorise(r, ""); err != nil {
		answerGraph(w, nil, err)
		return
	}
	q := r.URL.Query()
	expires, _ := strconv.ParseInt(q.Get("ext"), 10, 64)
	m, ok := g.media(q.Get("mid"))
	if !ok || !hmac.Equal([]byte(q.Get("hash")), []byte(seal(q.Get("mid"), q.Get("ext")))) || g.s.clock.Now().Unix() >= expires {
		http.Error(w, "URL signature expired", http.StatusNotFound)
		return
	}
	g.s.serveFile(w, m)
}
