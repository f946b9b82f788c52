package filetype

import "testing"

func TestTypesByContent(t *testing.T) {
	const zip, ole = "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00\x00"
	for _, c := range []struct{ data, claimed, name, want string }{
		{
			zip, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "a.xlsx",
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		},
		{zip, "application/octet-stream", "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{
			zip, "",
			"a.zip", "application/zip",
		},
		{zip, "image/png", "a.png", "application/zip"},
		{ole, "application/msword", "a.doc", "application/msword"},
		{
			ole, "", "a.xls",
			"application/vnd.ms-excel",
		},
		{"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpg", "a.jpg", "image/jpeg"},
		{"\xff\xd8\xff\xe0\x00\x10JFIF", "application/octet-stream", "", "image/jpeg"},
		{
			"%PDF-1.4", "image/png", "a.png",
			"application/pdf",
		},
		{"a,b\n1,2\n", "text/plain", "a.csv", "text/csv"},
		{"a;b", "", "a.csv", "text/csv"},
		{"<html><script>1</script>", "text/plain", "a.txt", "text/html"},
		{"hello", "text/html", "", "text/plain"},
		{
			"", "application/pdf",
			"a.pdf", "application/pdf",
		},
		{"", "", "", "text/plain"},
		{"\x00\x01\x02", "", "", "application/octet-stream"},
		{"hello", "image/svg+xml", "a.svg", "text/plain"},
		{
			"%PDF-1.4", "application/x-pdf; name=a", "",
			"application/pdf",
		},
		{"BEGIN:VCARD\n", "text/x-vcard", "a.vcf", "text/x-vcard"},
	} {
		if got := Detect([]byte(c.data), c.claimed, c.name); got != c.want {
			t.Errorf("%q as %s %s: %s, want %s", c.data, c.claimed, c.name, got, c.want)
		}
	}
}
