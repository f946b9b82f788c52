package inbox

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"wasl/channels"
	"wasl/channels/instagram"
	"wasl/files"
	"wasl/internal/access"
	"wasl/internal/blob"
	"wasl/store"
)

const faceAt = "https://scontent.cdninstagram.com/v/"

// shows is the picture that the only conversation shows of its contact.
func (p *process) shows() string {
	p.w.t.Helper()
	conv := p.w.only()
	who, err := p.Contacts.Contact(p.w.t.Context(), "w", conv.ContactID)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return p.sharedView(p.w.t.Context(), conv, who, nil).Contact.AvatarURL
}

// greets is somebody's first message on Instagram, of whom the provider shows a picture.
func (w *world) greets(face string, content []byte) *process {
	p := w.boot().connectMeta(instagram.Kind)
	w.provider.names, w.provider.faces = map[string]string{igsid: "Ines Valdoro"}, map[string]string{igsid: face}
	w.provider.files = map[string][]byte{"face.png": content}
	p.receive(insta(-31*24*3600, false, `"message":{"mid":"m_1","text":"Hello"}`))
	settle(time.Second)
	return p
}

func TestAPersonsPictureIsKeptHereAndRenewed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.greets(faceAt+"face.png?oe=1", pngOf(t, 600, 600))
		id := w.contacts()[0].Picture
		if got := p.shows(); id == "" || got != "/api/v1/media/"+id+"/thumbnail" {
			t.Fatalf("shows %q", got)
		}
		m, err := p.Files.Seen(t.Context(), ann, id)
		if err != nil || !m.Thumbnail || m.MIME != "image/png" || m.Name != "" {
			t.Errorf("%+v, %v", m, err)
		}
		if _, err := p.Files.Seen(t.Context(), access.Viewer{UserID: "x", WorkspaceID: "other", Role: access.Owner}, id); !errors.Is(err,
			store.ErrNotFound) {
			t.Errorf("another workspace sees it: %v", err)
		}
		if _, _, err := p.Reply(t.Context(), ann, w.only().ID, NewMessage{
			ClientID: "1", Content: channels.Content{Type: "media"},
			Attachments: []AttachmentRef{{ID: id}},
		}); err == nil {
			t.Error("it can be sent as if it had been uploaded")
		}
		p.receive(insta(60-31*24*3600, false, `"message":{"mid":"m_2","text":"Again"}`))
		settle(time.Second)
		if w.contacts()[0].Picture != id {
			t.Error("asked again at once")
		}
		w.provider.files["other.png"] = pngOf(t, 50, 50)
		w.provider.faces[igsid] = faceAt + "other.png"
		p.receive(insta(0, false, `"message":{"mid":"m_3","text":"A month later"}`))
		settle(time.Second)
		if now := w.contacts()[0].Picture; now == id || now == "" {
			t.Errorf("the picture is %q", now)
		}
		if _, err := p.Files.Seen(t.Context(), ann, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the former picture is kept: %v", err)
		}
		if _, _, err := p.Blobs.Open(t.Context(), id+".thumb"); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("the former file is kept: %v", err)
		}
		w.quiet()
		p.stop()
	})
}

func TestWhatIsNoPictureIsNotShown(t *testing.T) {
	for name, c := range map[string]struct {
		face    string
		content []byte
	}{
		"a page":                {faceAt + "face.png", []byte("<html><script>alert(1)</script>")},
		"a drawing that acts":   {faceAt + "face.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`)},
		"too large":             {faceAt + "face.png", append(pngOf(t, 9, 9), bytes.Repeat([]byte{0}, maxPicture)...)},
		"a picture like a bomb": {faceAt + "face.png", bomb(t)},
		"gone":                  {faceAt + "gone.png", nil},
		"of another host":       {"https://files.example.com/face.png", pngOf(t, 9, 9)},
		"not safe on its way":   {"http://scontent.cdninstagram.com/face.png", pngOf(t, 9, 9)},
		"of a host's namesake":  {"https://cdninstagram.com.example.com/face.png", pngOf(t, 9, 9)},
		"no address":            {"javascript:alert(1)", nil},
		"none":                  {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				p := w.greets(c.face, c.content)
				settle(time.Minute)
				if got := p.shows(); got != "" || w.contacts()[0].Name != "Ines Valdoro" {
					t.Errorf("shows %q of %q", got, w.contacts()[0].Name)
				}
				if rows := everything[files.File](w, files.Schemas()[0]); len(rows) != 0 {
					t.Errorf("kept: %+v", rows)
				}
				w.quiet()
				p.stop()
			})
		})
	}
}

func TestAPictureComesLaterWhereTheProviderIsUnwell(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.provider.hiccups = 2
		p := w.greets(faceAt+"face.png", pngOf(t, 9, 9))
		if got := w.contacts()[0]; got.Name != "Ines Valdoro" || got.Picture != "" {
			t.Errorf("the name waits for the picture: %+v", got.Facts)
		}
		settle(time.Minute)
		if p.shows() == "" {
			t.Error("there is no picture")
		}
		w.quiet()
		p.stop()
	})
}

func TestAPersonIsShownByAnyOfTheirPictures(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.greets(faceAt+"face.png", pngOf(t, 9, 9))
		shown := p.shows()
		other, err := p.Contacts.Create(t.Context(), "w", boss.Actor(), "Ines V.", nil)
		if err != nil {
			t.Fatal(err)
		}
		face := w.only().ContactID
		merged, err := p.Contacts.Merge(t.Context(), "w", other.ID, face, ann.Actor())
		if err != nil || merged.AvatarURL() != shown {
			t.Errorf("the root shows %q, %v", merged.AvatarURL(), err)
		}
		settle(time.Second)
		if got := p.shows(); got != shown {
			t.Errorf("the conversation shows %q", got)
		}
		p.stop()
	})
}

// TestAvatarsAreSeenByThoseWhoMaySeeTheContact: who may not see a contact does not see the contact's picture either.
func TestAvatarsAreSeenByThoseWhoMaySeeTheContact(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.greets(faceAt+"face.png", pngOf(t, 9, 9))
		id := w.contacts()[0].Picture
		_, err := p.change(t.Context(), boss, w.only().ID, func(conv *Conversation, _ *change) error {
			conv.AssigneeID = ann.UserID
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for viewer, want := range map[string]error{ann.UserID: nil, "usr_bob": store.ErrNotFound} {
			if _, err := p.Files.Seen(t.Context(), access.Viewer{UserID: viewer, WorkspaceID: "w", Role: access.Agent}, id); !errors.Is(err,
				want) {
				t.Errorf("%s: %v", viewer, err)
			}
		}
		p.stop()
	})
}
