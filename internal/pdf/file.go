package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
)

// file gathers the objects of a PDF. The first ones have fixed numbers.
type file struct {
	objects [][]byte
	zip     *zlib.Writer // that of the stream before, which is large
}

const (
	catalog = iota + 1
	pageTree
	information
	resources
	reserved = resources
)

// add appends an object and returns its number.
func (f *file) add(body string) int {
	f.objects = append(f.objects, []byte(body))
	return len(f.objects)
}

// stream appends a stream; dict is what its dictionary has beside length and filter.
func (f *file) stream(dict string, content []byte) int {
	var b bytes.Buffer
	if f.zip == nil {
		f.zip = zlib.NewWriter(&b)
	}
	f.zip.Reset(&b)
	_, _ = f.zip.Write(content) // into memory
	_ = f.zip.Close()
	return f.raw(dict+" /Filter /FlateDecode", b.Bytes())
}

func (f *file) raw(dict string, content []byte) int {
	return f.add(fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", strings.TrimSpace(dict), len(content), content))
}

// text is a text string (PDF 1.7, 7.9.2.2).
func text(s string) string { return "<FEFF" + utf16Hex([]rune(strings.ToValidUTF8(s, "\ufffd"))) + ">" }

// write writes the pages as a file.
func (p *pages) write(w io.Writer, d Doc) error {
	f := &file{objects: make([][]byte, reserved)}
	var kids strings.Builder
	for _, c := range p.list {
		content := f.stream("", c.Bytes())
		page := f.add(fmt.Sprintf("<< /Type /Page /Parent %d 0 R /Resources %d 0 R /Contents %d 0 R >>", pageTree, resources, content))
		fmt.Fprintf(&kids, "%d 0 R ", page)
	}
	f.objects[pageTree-1] = fmt.Appendf(nil, "<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 %s %s] >>",
		kids.String(), len(p.list), num(pageWidth), num(pageHeight))
	var fonts, images strings.Builder
	for _, face := range p.set.all {
		if len(face.use.list) > 0 {
			fmt.Fprintf(&fonts, "/%s %d 0 R ", face.name, f.font(face))
		}
	}
	for _, img := range p.images {
		fmt.Fprintf(&images, "/%s %d 0 R ", img.name, f.image(img))
	}
	f.objects[resources-1] = fmt.Appendf(nil, "<< /Font << %s>> /XObject << %s>> >>", fonts.String(), images.String())
	direction := "L2R"
	if p.rtl {
		direction = "R2L"
	}
	f.objects[catalog-1] = fmt.Appendf(nil, "<< /Type /Catalog /Pages %d 0 R /Lang %s /ViewerPreferences << /DisplayDocTitle true /Direction /%s >> >>",
		pageTree, text(d.Lang), direction)
	f.objects[information-1] = fmt.Appendf(nil, "<< /Title %s /Producer (Wasl) >>", text(d.Title))
	_, err := w.Write(f.bytes())
	return err
}

// font appends a font of what a document uses (PDF 1.7, 9.7: composite fonts).
func (f *file) font(face *face) int {
	subset := face.subset(face.use.shapes)
	sum := sha256.Sum256(subset)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	name := string(tag) + "+" + face.name
	data := f.stream(fmt.Sprintf("/Length1 %d", len(subset)), subset)
	m := face.face
	extents, _ := m.FontHExtents()
	scale := em / float32(face.upem)
	ascent, descent := int(extents.Ascender*scale), int(extents.Descender*scale)
	descriptor := f.add(fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-500 %d 2000 %d] /ItalicAngle 0 "+
		"/Ascent %d /Descent %d /CapHeight 700 /StemV 80 /FontFile2 %d 0 R >>", name, descent, ascent, ascent, descent, data))
	var widths strings.Builder
	for _, c := range face.use.list {
		fmt.Fprintf(&widths, "%d ", c.width)
	}
	glyphOf, unicode := f.stream("", face.use.glyphOf()), f.stream("", face.use.toUnicode())
	descendant := f.add(fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) "+
		"/Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /DW 0 /W [0 [%s]] /CIDToGIDMap %d 0 R >>",
		name, descriptor, widths.String(), glyphOf))
	return f.add(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>",
		name, descendant, unicode))
}

// image appends an image.
func (f *file) image(g *graphic) int {
	dict := fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace ", g.width, g.height)
	if g.jpeg != nil {
		space := "/DeviceRGB"
		if g.grey {
			space = "/DeviceGray"
		}
		return f.raw(dict+space+" /Filter /DCTDecode", g.jpeg)
	}
	mask := ""
	if g.alpha != nil {
		mask = fmt.Sprintf(" /SMask %d 0 R", f.stream(dict+"/DeviceGray", g.alpha))
	}
	return f.stream(dict+"/DeviceRGB"+mask, g.rgb)
}

// bytes is the file with its table of objects.
func (f *file) bytes() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	places := make([]int, len(f.objects))
	for i, o := range f.objects {
		places[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	sum := sha256.Sum256(b.Bytes())
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(places)+1)
	for _, at := range places {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(places)+1, catalog, information, sum[:16], sum[:16], xref)
	return b.Bytes()
}
