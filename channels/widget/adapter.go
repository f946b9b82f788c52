package widget

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/clock"
	"wasl/internal/errs"
	"wasl/internal/ids"
)

// Kind is this channel's kind.
const Kind channels.Kind = "widget"

// The names of the credentials. All but the secret are settings that people see.
const (
	credKey      = "site_key"
	credSecret   = "secret"
	credOrigins  = "origins"
	credTitle    = "title"
	credGreeting = "greeting"
	credColour   = "colour"
	credLanguage = "language"
)

// Adapter is the website channel. It keeps no state.
type Adapter struct {
	clock clock.Clock
}

var (
	_ channels.Adapter   = (*Adapter)(nil)
	_ channels.Completer = (*Adapter)(nil)
)

// New returns the adapter.
func New(c clock.Clock) *Adapter { return &Adapter{clock: c} }

// Kind returns "widget".
func (*Adapter) Kind() channels.Kind { return Kind }

// Credentials returns what a website is connected with. The key and the secret are made here where they are not given.
func (*Adapter) Credentials() []channels.Credential {
	return []channels.Credential{
		{Name: credKey, Required: true, Shown: true},
		{Name: credSecret, Required: true, Secret: true},
		{Name: credOrigins, Required: true, Shown: true},
		{Name: credTitle, Shown: true},
		{Name: credGreeting, Shown: true},
		{Name: credColour, Shown: true},
		{Name: credLanguage, Shown: true},
	}
}

const (
	textMax = 10_000
	// MaxFile is the largest file, either way.
	MaxFile = 25 << 20
)

// Capabilities returns what the page's script can show.
func (*Adapter) Capabilities() channels.Capabilities {
	return channels.Capabilities{
		TextMax: textMax, CaptionMax: textMax,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/jpeg", "image/png", "image/webp", "image/gif"}, MaxBytes: MaxFile},
			{Kind: "video", MIME: []string{"video/mp4", "video/webm"}, MaxBytes: MaxFile},
			{Kind: "voice", MIME: []string{"audio/ogg", "audio/webm", "audio/mp4"}, MaxBytes: MaxFile},
			{Kind: "audio", MIME: []string{"audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac", "audio/webm"}, MaxBytes: MaxFile},
			{Kind: "document", MIME: []string{"*/*"}, MaxBytes: MaxFile},
		},
		Replies: true,
	}
}

// Screen checks the visitor's token.
func (a *Adapter) Screen(account channels.Account, hook channels.Webhook) error {
	_, err := a.visitor(account, hook)
	return err
}

// Verify checks the visitor's token, and that the body speaks for that visitor.
func (a *Adapter) Verify(account channels.Account, hook channels.Webhook) error {
	visitor, err := a.visitor(account, hook)
	if err != nil {
		return err
	}
	var b body
	if json.Unmarshal(hook.Body, &b) != nil || b.Visitor != visitor {
		return channels.ErrSignature
	}
	return nil
}

// visitor returns who has the request's token.
func (a *Adapter) visitor(account channels.Account, hook channels.Webhook) (string, error) {
	token, bearer := strings.CutPrefix(hook.Header.Get("Authorization"), "Bearer ")
	claims, err := Read(account.Credentials[credSecret], token, a.clock.Now())
	if !bearer || err != nil || claims.FilesOnly {
		return "", channels.ErrSignature
	}
	return claims.Visitor, nil
}

// Send takes the message: it is stored already, and the visitor's browser reads it from there.
func (*Adapter) Send(_ context.Context, _ channels.Account, out channels.Outgoing) (channels.Sent, error) {
	return channels.Sent{ProviderID: out.MessageID}, nil
}

// Settings are what the page's script looks like, and where it may be.
type Settings struct {
	Title, Greeting, Colour, Language string
	origins                           []string
}

// SettingsOf returns the settings of a channel.
func SettingsOf(account channels.Account) Settings {
	c := account.Credentials
	return Settings{
		Title: c[credTitle], Greeting: c[credGreeting], Colour: c[credColour], Language: c[credLanguage],
		origins: strings.Fields(c[credOrigins]),
	}
}

// Allows reports whether pages of the origin may show the chat.
func (s Settings) Allows(origin string) bool {
	return slices.Contains(s.origins, "*") || slices.Contains(s.origins, strings.ToLower(origin))
}

// Secret returns what the tokens of the channel's visitors are signed with.
func Secret(account channels.Account) string { return account.Credentials[credSecret] }

var (
	colourForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	languages  = []string{"", "en", "he", "ar"}
)

const (
	titleMax    = 60
	greetingMax = 500
	// secretMin is the shortest secret that somebody may choose.
	secretMin = 32
)

// Complete makes key and secret where they are not given, and refuses settings that cannot be used.
func (*Adapter) Complete(given map[string]string) (map[string]string, error) {
	c := maps.Clone(given)
	if c == nil {
		c = map[string]string{}
	}
	if c[credKey] == "" {
		c[credKey] = ids.Token()[:20]
	}
	if c[credSecret] == "" {
		c[credSecret] = ids.Token()
	}
	var wrong []errs.Field
	refuse := func(name, detail string) {
		wrong = append(wrong, errs.Field{Field: "credentials." + name, Detail: detail})
	}
	var origins []string
	for _, o := range strings.FieldsFunc(c[credOrigins], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		origin, ok := originOf(o)
		if !ok {
			refuse(credOrigins, "wants addresses like https://www.example.com, or * for every site")
			break
		}
		origins = append(origins, origin)
	}
	c[credOrigins] = strings.Join(origins, " ")
	if len(c[credSecret]) < secretMin {
		refuse(credSecret, "wants at least 32 characters; leave it out and it is made here")
	}
	if c[credColour] != "" && !colourForm.MatchString(c[credColour]) {
		refuse(credColour, "wants a colour like #3b5bdb")
	}
	if !slices.Contains(languages, c[credLanguage]) {
		refuse(credLanguage, "en, he or ar; empty follows the page")
	}
	if len([]rune(c[credTitle])) > titleMax {
		refuse(credTitle, "at most 60 characters")
	}
	if len([]rune(c[credGreeting])) > greetingMax {
		refuse(credGreeting, "at most 500 characters")
	}
	if wrong != nil {
		return nil, &errs.Error{Kind: errs.Invalid, Code: "invalid_credentials", Text: wrong[0].Detail, Fields: wrong}
	}
	return c, nil
}

// originOf returns the origin as browsers write it.
func originOf(written string) (string, bool) {
	if written == "*" {
		return written, true
	}
	u, err := url.Parse(strings.ToLower(strings.TrimSuffix(written, "/")))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" ||
		u.Fragment != "" {
		return "", false
	}
	return u.Scheme + "://" + u.Host, true
}

// life is how long a visitor is known who does not come back; filesLife likewise for the key to files, which stands in addresses.
const (
	life      = 400 * 24 * time.Hour
	filesLife = 48 * time.Hour
	filesStep = 24 * time.Hour
)

// NewVisitor returns the id of a visitor that nobody has.
func NewVisitor() string { return "vis_" + ids.Token()[:26] }

// Tokens returns a visitor's token, and one that only opens the files of the visitor's conversation. The latter stays the same for a
// day, so that browsers keep what they have loaded.
func Tokens(account channels.Account, visitor string, now time.Time) (token, files string) {
	secret := Secret(account)
	return sign(secret, Claims{Visitor: visitor, Expires: now.Add(life)}),
		sign(secret, Claims{Visitor: visitor, FilesOnly: true, Expires: now.Truncate(filesStep).Add(filesLife)})
}
