package picture

import (
	"encoding/binary"
	"image"
)

// turn is how a picture is to be turned and mirrored before it is upright: the orientation of EXIF, 1 to 8; 0: nobody says.
type turn uint16

const (
	// maxEXIF is how much of what a camera says of a picture is looked at: what is asked for stands at its beginning.
	maxEXIF        = 64 << 10
	tagOrientation = 0x0112
	typeShort      = 3
)

// turnOf reads the orientation from the TIFF structure that EXIF is; 0 where it cannot be read. CIPA DC-008, 4.6.5
func turnOf(exif []byte) turn {
	if len(exif) > 6 && string(exif[:6]) == "Exif\x00\x00" { // in WebP some programs repeat what belongs to JPEG
		exif = exif[6:]
	}
	if len(exif) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(exif[:4]) {
	case "II*\x00":
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return 0
	}
	entries := int64(order.Uint16(exif[at:]))
	for at += 2; entries > 0 && at+12 <= int64(len(exif)); entries, at = entries-1, at+12 {
		entry := exif[at:]
		if order.Uint16(entry) == tagOrientation && order.Uint16(entry[2:]) == typeShort {
			if t := turn(order.Uint16(entry[8:])); t <= 8 {
				return t
			}
			return 0
		}
	}
	return 0
}

// lies reports whether width and height change places.
func (t turn) lies() bool { return t >= 5 }

// upright turns a picture.
func (t turn) upright(from *image.RGBA) *image.RGBA {
	if t <= 1 {
		return from
	}
	w, h := from.Rect.Dx(), from.Rect.Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if t.lies() {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			u, v := x, y
			if t.lies() {
				u, v = y, x
			}
			if t == 2 || t == 3 || t == 7 || t == 8 {
				u = w - 1 - u
			}
			if t == 3 || t == 4 || t == 6 || t == 7 {
				v = h - 1 - v
			}
			to.SetRGBA(x, y, from.RGBAAt(u, v))
		}
	}
	return to
}
