package sandbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image/png"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	fileURLFor = 14 * 24 * time.Hour
	linkedMax  = 30 << 20
)

// fileRoutes serves the files of chats as the providers' networks do: to whoever has the address, as long as it lasts.
func (s *Sandbox) fileRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /cdn/{id}/{name}", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		expires, _ := strconv.ParseInt(q.Get("oe"), 10, 64)
		m, ok := s.book.mediaInfo(r.PathValue("id"))
		if !ok || !hmac.Equal([]byte(q.Get("oh")), []byte(seal(m.ID, q.Get("oe")))) || s.clock.Now().Unix() >= expires {
			http.Error(w, "URL signature expired", http.StatusForbidden)
			return
		}
		s.serveFile(w, m)
	})
	mux.HandleFunc("GET /faces/{phone}", func(w http.ResponseWriter, r *http.Request) {
		q, key := r.URL.Query(), r.PathValue("phone")
		expires, _ := strconv.ParseInt(q.Get("oe"), 10, 64)
		if !hmac.Equal([]byte(q.Get("oh")), []byte(seal("face "+key, q.Get("oe")))) || s.clock.Now().Unix() >= expires {
			http.Error(w, "URL signature expired", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_ = png.Encode(w, face(key)) // nobody is left to be told
	})
}

func (s *Sandbox) serveFile(w http.ResponseWriter, m Media) {
	content, err := s.book.mediaContent(m.ID)
	if err != nil {
		http.Error(w, "gone", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", m.MIME)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content)
}

// fileURL is the address of a file, for two weeks.
func (s *Sandbox) fileURL(m Media) string {
	if m.ID == "" {
		return m.Link
	}
	name := m.Name
	if name == "" {
		name = "file"
		if all, _ := mime.ExtensionsByType(bareType(m.MIME)); len(all) > 0 {
			name += all[0]
		}
	}
	expires := strconv.FormatInt(s.clock.Now().Add(fileURLFor).Unix(), 10)
	return s.listen + "/cdn/" + m.ID + "/" + url.PathEscape(name) + "?" + url.Values{"oe": {expires}, "oh": {seal(m.ID, expires)}}.Encode()
}

// seal keeps the address of a file from being made up. Its key need not be secret: nobody but this machine is served.
func seal(id, expires string) string {
	mac := hmac.New(sha256.New, []byte("sandbox"))
	fmt.Fprintf(mac, "%s %s", id, expires)
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

// fetch takes over a file that the business names by its address, as providers do.
func (s *Sandbox) fetch(ctx context.Context, link string) (Media, error) {
	target := s.reach(link)
	if err := s.guard.check(target); err != nil {
		return Media{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return Media{}, fmt.Errorf("file request: %w", err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return Media{}, fmt.Errorf("get file: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Media{}, fmt.Errorf("get file: HTTP %d", res.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(res.Body, linkedMax+1))
	if err != nil {
		return Media{}, fmt.Errorf("read file: %w", err)
	}
	if len(content) > linkedMax {
		return Media{}, errors.New("get file: too large")
	}
	kind, name := bareType(res.Header.Get("Content-Type")), ""
	if _, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition")); err == nil {
		name = path.Base(params["filename"])
	}
	if name == "" || name == "." || name == "/" {
		name = path.Base(req.URL.Path)
	}
	return s.AddMedia(FromBusiness, kind, name, content)
}

// kindOf is the kind of message that a file makes.
func kindOf(contentType string) string {
	switch major, _, _ := strings.Cut(contentType, "/"); major {
	case "image", "video", "audio":
		return major
	}
	return "document"
}
