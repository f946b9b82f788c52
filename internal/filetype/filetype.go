// Package filetype tells what files are by their content, and only where that says too little by what their sender claims.
package filetype

import (
	"mime"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// sniffBytes of a file's beginning show its type.
const sniffBytes = 3072

// Detect returns the type that a file's content shows. Where the content is only known to be some container, as those of office programs
// are, or cannot be told at all, the claimed type or the name's ending counts.
func Detect(data []byte, claimed, name string) string {
	claimed = Claimed(claimed)
	byName := endings[strings.ToLower(path.Ext(name))]
	detected, _, _ := strings.Cut(mimetype.Detect(data[:min(len(data), sniffBytes)]).String(), ";")
	specific := func(t string) bool {
		return t != "" && t != "application/octet-stream" && strings.Contains(t, "/") &&
			(!Active(t) || strings.Contains(t, "openxmlformats"))
	}
	switch detected {
	case "application/octet-stream", "text/plain", "message/rfc822":
		if specific(claimed) {
			return claimed
		}
		if specific(byName) && (detected != "text/plain" || strings.HasPrefix(byName, "text/")) {
			return byName
		}
	case "application/zip", "application/x-ole-storage":
		for _, t := range []string{claimed, byName} {
			if specific(t) && container(t, detected) {
				return t
			}
		}
	case "application/ogg":
		return "audio/ogg"
	case "video/mp4", "video/webm", "video/x-ms-asf", "video/3gpp":
		if strings.HasPrefix(claimed, "audio/") {
			return claimed
		}
	}
	return detected
}

// Claimed is the type that a sender states, by its right name and without parameters.
func Claimed(stated string) string {
	stated, _, _ = strings.Cut(strings.ToLower(stated), ";")
	stated = strings.TrimSpace(stated)
	if right := wrongTypes[stated]; right != "" {
		return right
	}
	return stated
}

// Kind is the kind of attachment that a file of a type makes: image, video, audio or document.
func Kind(t string) string {
	switch major, _, _ := strings.Cut(t, "/"); {
	case t == "image/jpeg", t == "image/png", t == "image/gif", t == "image/webp":
		return "image"
	case major == "video", major == "audio":
		return major
	}
	return "document"
}

// wrongTypes are names that programs give to types.
var wrongTypes = map[string]string{
	"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png",
	"application/x-pdf": "application/pdf",
}

// Active reports whether files of a type could act in a browser: they are never shown inside a page, and the type is never taken from a
// claim.
func Active(t string) bool {
	return strings.Contains(t, "html") || strings.Contains(t, "xml") || strings.Contains(t, "script") || strings.Contains(t, "svg")
}

// container reports whether files of a type are containers of that form.
func container(t, form string) bool {
	if form == "application/zip" {
		return strings.Contains(t, "openxmlformats") || strings.Contains(t, "opendocument") || strings.Contains(t, "epub") ||
			strings.Contains(t, "java-archive") || strings.Contains(t, "iwork") ||
			strings.Contains(t, "android") || strings.Contains(t, "macroenabled") || strings.HasPrefix(t, "application/vnd.apple")
	}
	return strings.HasPrefix(t, "application/vnd.ms-") || t == "application/msword" || strings.HasPrefix(t, "application/vnd.visio") ||
		t == "application/x-msi"
}

// endings are those that the system's table may lack.
var endings = map[string]string{
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", ".xls": "application/vnd.ms-excel",
	".doc": "application/msword", ".ppt": "application/vnd.ms-powerpoint",
	".msg": "application/vnd.ms-outlook", ".odt": "application/vnd.oasis.opendocument.text",
	".ods": "application/vnd.oasis.opendocument.spreadsheet", ".csv": "text/csv", ".ics": "text/calendar",
	".vcf": "text/vcard", ".eml": "message/rfc822", ".txt": "text/plain", ".log": "text/plain", ".pdf": "application/pdf",
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
	".webp": "image/webp", ".heic": "image/heic", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "video/mp4", ".mov": "video/quicktime",
	".zip": "application/zip", ".json": "application/json", ".rtf": "text/rtf",
}

// Extension is the ending of a file that has no name.
func Extension(kind string) string {
	switch kind {
	case "message/delivery-status", "message/disposition-notification", "text/rfc822-headers":
		return ".txt"
	case "image/jpeg":
		return ".jpg"
	case "text/plain":
		return ".txt"
	case "text/html":
		return ".html"
	}
	for ending, t := range endings {
		if t == kind {
			return ending
		}
	}
	if all, _ := mime.ExtensionsByType(kind); len(all) > 0 {
		return all[0]
	}
	return ".bin"
}
