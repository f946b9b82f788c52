package sandbox

import (
	"cmp"
	"hash/fnv"
	"image"
	"image/color"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	faceSize = 160
	faceFor  = 4 * 24 * time.Hour // how long the address of a person's picture lasts
)

// faceURL is the address of the picture that a person shows.
func (s *Sandbox) faceURL(r *http.Request, p Phone) string {
	expires := strconv.FormatInt(s.clock.Now().Add(faceFor).Unix(), 10)
	query := url.Values{"oe": {expires}, "oh": {seal("face "+p.Key, expires)}}
	return cmp.Or(s.listen, "http://"+r.Host) + "/faces/" + url.PathEscape(p.Key) + "?" + query.Encode()
}

// face draws a picture of somebody: head and shoulders in the colours that follow from the key.
func face(key string) image.Image {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	sum := h.Sum32()
	shade := func(shift uint, from uint32) uint8 { return uint8(from + sum>>shift%64) } //nolint:gosec // below 256
	back := color.RGBA{shade(0, 40), shade(6, 90), shade(12, 110), 255}
	skin := []color.RGBA{{255, 219, 172, 255}, {224, 172, 105, 255}, {141, 85, 36, 255}}[sum%3]
	shirt := color.RGBA{shade(18, 160), shade(3, 150), shade(9, 140), 255}
	img := image.NewRGBA(image.Rect(0, 0, faceSize, faceSize))
	within := func(x, y, cx, cy, rx, ry int) bool {
		dx, dy := (x-cx)*ry, (y-cy)*rx
		return dx*dx+dy*dy <= rx*rx*ry*ry
	}
	for y := range faceSize {
		for x := range faceSize {
			c := back
			if within(x, y, 80, 165, 66, 58) {
				c = shirt
			}
			if within(x, y, 80, 66, 32, 40) {
				c = skin
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}
