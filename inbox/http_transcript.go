package inbox

import (
	"bytes"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/web"
)

func (s *Service) transcriptRoutes(api huma.API, op describe) {
	transcript := op(http.MethodPost, "/api/v1/conversations/{id}/transcript", "transcript-conversation", "What was said, to be handed on",
		access.ReadConversations)
	transcript.Description = "As a page or as text: who wrote what and when, with the names of files, without notes; the newest 5,000 " +
		"messages. A pdf is refused with pdf_unavailable."
	huma.Register(api, transcript, s.transcript)
}

type transcriptInput struct {
	ID   string `path:"id"`
	Body struct {
		Format   string `json:"format" enum:"html,txt,pdf"`
		Language string `json:"language,omitempty" enum:",en,he,ar" doc:"Of its own words; empty: the customer's"`
		TimeZone string `json:"time_zone,omitempty" maxLength:"60" doc:"Of the IANA database; empty: UTC"`
	}
}

type transcriptView struct {
	Name    string `json:"name" doc:"For the file"`
	MIME    string `json:"mime"`
	Content string `json:"content,omitempty"`
	Data    []byte `json:"data,omitempty" doc:"In place of content: a PDF, in base64"`
}

func (s *Service) transcript(ctx context.Context, in *transcriptInput) (*web.Body[transcriptView], error) {
	t, err := s.Transcript(ctx, auth.From(ctx), in.ID, in.Body.Language, in.Body.TimeZone)
	if err != nil {
		return nil, err
	}
	switch TranscriptFormat(in.Body.Format) {
	case TranscriptText:
		return web.Answer(transcriptView{Name: "transcript.txt", MIME: "text/plain; charset=utf-8", Content: t.Text()}), nil
	case TranscriptHTML:
		page, err := t.HTML()
		return web.Answer(transcriptView{Name: "transcript.html", MIME: "text/html; charset=utf-8", Content: page}), err
	default:
		var b bytes.Buffer
		err := t.PDF(ctx, &b)
		return web.Answer(transcriptView{Name: "transcript.pdf", MIME: "application/pdf", Data: b.Bytes()}), err
	}
}
