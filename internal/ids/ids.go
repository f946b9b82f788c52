// Package ids makes the identifiers of Wasl: a type prefix and 26 characters of Crockford base32.
package ids

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns a fresh id that sorts by the given time: the prefix, "_", 48 bits of milliseconds and 80 random bits.
func New(prefix string, at time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMilli())<<16)
	_, _ = rand.Read(b[6:]) // crypto/rand never returns an error since Go 1.24
	return prefix + "_" + crockford.EncodeToString(b[:])
}

// Derived returns the id that belongs to these parts: the same parts always give the same id, different
// parts never do. It carries uniqueness where a provider or a person names the thing.
func Derived(prefix string, parts ...string) string {
	h := sha256.New()
	var size [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	return prefix + "_" + crockford.EncodeToString(h.Sum(nil)[:16])
}

// Token returns 256 random bits in text, for sessions and links that must not be guessed.
func Token() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return crockford.EncodeToString(b[:])
}

// Floor returns the text that sorts before every id made by New with this prefix at or after the time.
func Floor(prefix string, at time.Time) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMilli())<<16)
	return prefix + "_" + crockford.EncodeToString(b[:])
}

// Packed is an id without its prefix. Packed ids order as the ids do; the zero value is what is no id.
type Packed [16]byte

// Pack returns the sixteen bytes that an id writes out, for where very many are kept.
func Pack(id string) (p Packed) {
	_, written, _ := strings.Cut(id, "_")
	if len(written) != crockford.EncodedLen(len(p)) {
		return Packed{}
	}
	if _, err := crockford.Decode(p[:], []byte(written)); err != nil {
		return Packed{}
	}
	return p
}

// ID returns the id with its prefix.
func (p Packed) ID(prefix string) string { return prefix + "_" + crockford.EncodeToString(p[:]) }
