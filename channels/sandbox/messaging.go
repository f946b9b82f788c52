package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	messagingPatience = 36 * time.Hour
	humanFor          = 7 * 24 * time.Hour
)

// messaging is the dialect of Messenger and Instagram, which differ in little.
type messaging struct {
	*graph
	kind      string
	object    string            // that webhooks are about
	reactions map[string]string // emoji by the provider's names
}

func newMessenger(g *graph) *messaging {
	return &messaging{g, "messenger", "page", map[string]string{
		"love": "❤️", "like": "👍", "dislike": "👎", "smile": "😆", "wow": "😮",
		"sad": "😢", "angry": "😠",
	}}
}

func newInstagram(g *graph) *messaging {
	return &messaging{g, "instagram", "instagram", map[string]string{"love": "❤️"}}
}

func (m *messaging) instagram() bool { return m.kind == "instagram" }

// routes adds what does not come by the front.
func (m *messaging) routes(mux *http.ServeMux) {
	if m.instagram() {
		mux.HandleFunc("GET /refresh_access_token", m.refresh)
	}
}

func (m *messaging) edges() map[string]edge {
	success := func(graphCall) (any, *graphError) { return map[string]bool{"success": true}, nil }
	return map[string]edge{
		"POST messages": m.send, "POST message_attachments": m.attach, "GET ": m.look,
		"GET subscribed_apps": func(graphCall) (any, *graphError) {
			return map[string]any{"data": []any{map[string]any{
				"id": "600000000000001", "name": "Sandbox",
				"subscribed_fields": []string{"messages", "messaging_postbacks"},
			}}}, nil
		},
		"POST subscribed_apps": success, "DELETE subscribed_apps": success,
	}
}

func (m *messaging) credentials(a Account) []Credential {
	id, token := "page_id", "page_access_token"
	if m.instagram() {
		id, token = "account_id", "access_token"
	}
	return []Credential{{id, a.ID}, {token, a.AccessToken}, {"app_secret", a.AppSecret}, {"verify_token", a.VerifyToken}}
}

// newID is opaque, and long as the providers' are.
func (m *messaging) newID(Phone, Content) string {
	if m.instagram() {
		return "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEO" + base64.RawURLEncoding.EncodeToString(random(48)) + "ZD"
	}
	return "m_" + base64.RawURLEncoding.EncodeToString(random(48))
}

// address is the person's id at this account; at another one it is another.
func (m *messaging) address(a Account, p Phone) string {
	if !p.uses(m.kind) {
		return ""
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(m.kind + a.ID + p.UserID))
	first := "2"
	if m.instagram() {
		first = "3"
	}
	return fmt.Sprintf("%s%016d", first, h.Sum64()%1e16)
}

// spoilt words the faults of the API.
func (m *messaging) spoilt(kind string) *graphError {
	if kind == FaultThrottle {
		return &graphError{status: http.StatusBadRequest, code: 613, plain: true, title: "Calls to this api have exceeded the rate limit."}
	}
	return &graphError{status: http.StatusInternalServerError, code: 2, plain: true, title: "Service temporarily unavailable"}
}

// judge repeats what was not answered with 200, for a day and a half.
func (m *messaging) judge(_ *wording, status, _ int, age time.Duration) verdict {
	return patient(status, age, messagingPatience)
}

// look answers for the account, or for a person who wrote to it.
func (m *messaging) look(c graphCall) (any, *graphError) {
	fields := c.r.URL.Query().Get("fields")
	if c.id == c.account.ID {
		self := map[string]any{"id": c.account.ID, "name": c.account.Name, "username": strings.TrimPrefix(c.account.Address, "@")}
		if m.instagram() {
			// its own id is another number
			self["id"], self["user_id"], self["account_type"] = "9"+c.account.ID[1:], c.account.ID, "BUSINESS"
			self["followers_count"], self["media_count"] = 1840, 96
		} else {
			self["category"], self["link"], self["verification_status"] = "Education", "https://www.facebook.com/"+c.account.ID,
				"not_verified"
		}
		return selectFields(self, fields, []string{"name"})
	}
	p, ok := m.s.recipient(c.account, c.id)
	if !ok {
		return nil, noObject(c.id)
	}
	if _, wrote := m.s.silence(p, c.account); !wrote {
		if m.instagram() {
			return nil, refuse(230, 0, "User consent is required to access user profile")
		}
		return nil, refuse(100, 2018218, "No profile available for this user.")
	}
	first, last, _ := strings.Cut(p.Name, " ")
	person := map[string]any{"id": c.id, "name": p.Name, "profile_pic": m.s.faceURL(c.r, p)}
	if m.instagram() {
		name := strings.TrimPrefix(p.Username, "@")
		if name == "" {
			name = strings.ReplaceAll(p.Key, "-", ".")
		}
		for field, value := range map[string]any{
			"username": name, "follower_count": 214, "is_user_follow_business": true,
			"is_business_follow_user": false, "is_verified_user": false,
		} {
			person[field] = value
		}
	} else {
		person["first_name"], person["last_name"] = first, last
		person["locale"], person["timezone"], person["gender"] = p.Language, 2, ""
	}
	return selectFields(person, fields, []string{"name"})
}

// attach keeps a file for messages to come: uploaded, or fetched from an address.
func (m *messaging) attach(c graphCall) (any, *graphError) {
	if c.id != c.account.ID {
		return nil, noObject(c.id)
	}
	var body struct {
		Message struct {
			Attachment mgAttachment `json:"attachment"`
		} `json:"message"`
	}
	var file Media
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		c.r.Body = http.MaxBytesReader(nil, c.r.Body, linkedMax)
		if c.r.ParseMultipartForm(8<<20) != nil {
			return nil, refuse(100, 2018048, "(#100) Upload attachment failure.")
		}
		defer func() { _ = c.r.MultipartForm.RemoveAll() }()
		if json.Unmarshal([]byte(c.r.FormValue("message")), &body.Message) != nil {
			return nil, refuse(100, 0, "(#100) param message must be a JSON object.")
		}
		part, header, err := c.r.FormFile("filedata")
		if err != nil {
			return nil, refuse(100, 0, "(#100) param filedata must be a file.")
		}
		defer part.Close()
		content := make([]byte, header.Size)
		if _, err := part.ReadAt(content, 0); err != nil {
			return nil, refuse(100, 2018048, "(#100) Upload attachment failure.")
		}
		if file, err = m.s.AddMedia(FromBusiness, bareType(header.Header.Get("Content-Type")), path.Base(header.Filename),
			content); err != nil {
			return nil, refuse(2, 0, "Service temporarily unavailable")
		}
	} else {
		if err := readForm(c.r, &body); err != nil {
			return nil, err
		}
		var err error
		if file, err = m.s.fetch(c.r.Context(), body.Message.Attachment.Payload.URL); err != nil {
			return nil, refuse(100, 2018047, "(#100) Upload attachment failure. The file could not be fetched from its address.")
		}
	}
	if err := m.checkFile(body.Message.Attachment.Type, file); err != nil {
		return nil, err
	}
	return map[string]string{"attachment_id": file.ID}, nil
}

// refuse makes an error of Messenger and Instagram, which have their own words for the codes.
func refuse(code, subcode int, title string) *graphError {
	e := &graphError{status: http.StatusBadRequest, code: code, subcode: subcode, title: title, plain: true}
	if code == 2 {
		e.status = http.StatusInternalServerError
	}
	return e
}

func millis(at time.Time) int64 { return at.UnixMilli() }

// number is an id that goes over the wire as a number.
func number(id string) json.Number {
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return "0"
	}
	return json.Number(id)
}
