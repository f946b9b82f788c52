package pdf

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// fonts/README.md says where they are from.
//
//go:embed fonts/*.gz
var files embed.FS

// weight is how heavy letters are.
type weight int

const (
	regular weight = iota
	bold
	weights
)

// The fonts of each weight: a character is taken from the first that has it, an Arabic one from that for Arabic if it can be.
const (
	main = iota
	arabic
	emoji
)

var names = [weights][]string{
	regular: {main: "Rubik-Regular", arabic: "Vazirmatn-Regular", emoji: "NotoEmoji"},
	bold:    {main: "Rubik-SemiBold", arabic: "Vazirmatn-SemiBold", emoji: "NotoEmoji"},
}

// typeface is one font file. It is only read, so all documents share it.
type typeface struct {
	name   string
	font   *font.Font
	tables map[string][]byte // those that a subset is made of
	upem   int               // units of the font in the size of the letters
	glyphs int
}

var typefaces = sync.OnceValues(func() ([weights][]*typeface, error) {
	var all [weights][]*typeface
	read := map[string]*typeface{}
	for w, list := range names {
		for _, name := range list {
			if read[name] == nil {
				f, err := load(name)
				if err != nil {
					return all, fmt.Errorf("pdf: font %s: %w", name, err)
				}
				read[name] = f
			}
			all[w] = append(all[w], read[name])
		}
	}
	return all, nil
})

func load(name string) (*typeface, error) {
	packed, err := files.Open("fonts/" + name + ".ttf.gz")
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return parse(name, raw)
}

func parse(name string, raw []byte) (*typeface, error) {
	loader, err := opentype.NewLoader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	f := &typeface{name: name, tables: map[string][]byte{}}
	for _, tag := range []string{"glyf", "loca", "hmtx", "hhea", "head", "maxp"} {
		if f.tables[tag], err = loader.RawTable(opentype.MustNewTag(tag)); err != nil {
			return nil, err
		}
	}
	if f.font, err = font.NewFont(loader); err != nil {
		return nil, err
	}
	f.upem, f.glyphs = int(f.font.Upem()), int(binary.BigEndian.Uint16(f.tables["maxp"][maxpGlyphs:]))
	return f, nil
}
