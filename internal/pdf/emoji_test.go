package pdf

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"testing"

	"github.com/go-text/typesetting/font/opentype"
)

// commonEmoji are the characters of Noto Emoji that documents can show: the whole font would be larger than all others.
var commonEmoji = [][2]rune{
	{0x203c, 0x203c}, {0x2194, 0x21aa}, {0x231a, 0x231b}, {0x23e9, 0x23f3}, {0x25b6, 0x25b6}, {0x2600, 0x27bf},
	{0x2b00, 0x2bff}, {0x1f1e6, 0x1f1ff}, {0x1f308, 0x1f319}, {0x1f31e, 0x1f31f}, {0x1f331, 0x1f343},
	{0x1f345, 0x1f35f}, {0x1f366, 0x1f37f}, {0x1f380, 0x1f38a}, {0x1f393, 0x1f393}, {0x1f3a4, 0x1f3af},
	{0x1f3c6, 0x1f3c6}, {0x1f3e0, 0x1f3e6}, {0x1f436, 0x1f438}, {0x1f440, 0x1f450}, {0x1f464, 0x1f46b},
	{0x1f476, 0x1f476}, {0x1f47b, 0x1f47f}, {0x1f480, 0x1f480}, {0x1f483, 0x1f483}, {0x1f48a, 0x1f4b8},
	{0x1f4bb, 0x1f4e9}, {0x1f4f1, 0x1f4f9}, {0x1f50a, 0x1f514}, {0x1f525, 0x1f525}, {0x1f534, 0x1f535},
	{0x1f550, 0x1f55b}, {0x1f590, 0x1f590}, {0x1f5a4, 0x1f5a4}, {0x1f5d1, 0x1f5d3}, {0x1f600, 0x1f64f},
	{0x1f680, 0x1f680}, {0x1f691, 0x1f69b}, {0x1f6ab, 0x1f6ab}, {0x1f6b2, 0x1f6b6}, {0x1f6d2, 0x1f6d2},
	{0x1f7e0, 0x1f7eb}, {0x1f90c, 0x1f92f}, {0x1f937, 0x1f937}, {0x1f942, 0x1f942}, {0x1f970, 0x1f976},
	{0x1f97a, 0x1f97a}, {0x1f9d0, 0x1f9d1}, {0x1f9e1, 0x1f9e1}, {0x1f9fe, 0x1f9fe}, {0x1fa77, 0x1fa77},
	{0x1fae0, 0x1fae6}, {0x1faf0, 0x1faf6},
}

// Makes fonts/NotoEmoji.ttf.gz of the whole font: NOTO_EMOJI=NotoEmoji_400Regular.ttf go test -run MakeEmoji ./internal/pdf.
func TestMakeEmoji(t *testing.T) {
	path := os.Getenv("NOTO_EMOJI")
	if path == "" {
		t.Skip("NOTO_EMOJI names no font")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := parse("NotoEmoji", raw)
	if err != nil {
		t.Fatal(err)
	}
	shapes, groups := []shape{{n: 1}}, []byte{}
	for _, span := range commonEmoji {
		for r := span[0]; r <= span[1]; r++ {
			if g, ok := whole.font.NominalGlyph(r); ok {
				for _, v := range []uint32{uint32(r), uint32(r), uint32(len(shapes))} {
					groups = binary.BigEndian.AppendUint32(groups, v)
				}
				shapes = append(shapes, shape{n: 1, parts: [maxParts]placed{{glyph: uint16(g)}}})
			}
		}
	}
	// One table of format 12: OpenType 1.9, cmap.
	cmap := []byte{0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0}
	for _, v := range []int{16 + len(groups), 0, len(groups) / 12} {
		cmap = binary.BigEndian.AppendUint32(cmap, uint32(v))
	}
	of := func(file []byte) *opentype.Loader {
		l, err := opentype.NewLoader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	original, part := of(raw), of(whole.subset(shapes))
	var tables []opentype.Table
	for _, name := range []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"} {
		tag, from := opentype.MustNewTag(name), original
		if part.HasTable(tag) {
			from = part
		}
		content := append(cmap, groups...)
		if name != "cmap" {
			if content, err = from.RawTable(tag); err != nil {
				t.Fatal(err)
			}
		}
		tables = append(tables, opentype.Table{Tag: tag, Content: append(content, make([]byte, -len(content)&3)...)})
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if _, err := z.Write(opentype.WriteTTF(tables)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("fonts/NotoEmoji.ttf.gz", packed.Bytes(), 0o644); err != nil { //nolint:gosec // a file of the repository
		t.Fatal(err)
	}
}
