package messaging

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
)

// The names of the credentials that both have.
const (
	CredSecret = "app_secret"
	CredVerify = "verify_token"
)

// Dialect is what differs between Messenger and Instagram.
type Dialect struct {
	Kind         channels.Kind
	Name         string // as people call it
	Object       string // that webhooks are about
	Identity     string // kind of a person's id, which is unique within our account
	Account      string // name of the credential that is our account's id
	Token        string // name of the credential that is the access token
	Capabilities channels.Capabilities
	Reactions    map[string]string // the names of the emoji to react with
	// OwnID: what is sent can carry our id, which comes back with its echo.
	OwnID bool
	// SharesAreFiles: the address of a shared post or story is that of its picture or film, not of a page for people.
	SharesAreFiles bool
	// LetGo names the documented fields of webhooks, and parts of their items, that bring no message and no news that anybody here waits
	// for. What is neither among them nor understood becomes a dead letter.
	LetGo map[string]bool
	// ProfileFields and CheckFields are asked for of a person and of our account.
	ProfileFields, CheckFields string
	// Route says where an account's calls go.
	Route func(channels.Account) Route
}

// Names makes a set of names that stand in a text.
func Names(text string) map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Fields(text) {
		out[name] = true
	}
	return out
}

// Route is where calls of one account go.
type Route struct {
	Host  string // empty: Facebook's
	Node  string // stands for our account in the path of what is sent
	Self  string // stands for it where it is asked about itself
	Proof bool   // the host takes a proof that the caller has the app's secret
}

// Adapter speaks the platform for any number of accounts. It keeps no state.
type Adapter struct {
	dialect Dialect
	graph   *meta.Client
}

var (
	_ channels.Adapter      = (*Adapter)(nil)
	_ channels.Handshaker   = (*Adapter)(nil)
	_ channels.MediaFetcher = (*Adapter)(nil)
	_ channels.ReadMarker   = (*Adapter)(nil)
	_ channels.Profiler     = (*Adapter)(nil)
	_ channels.Checker      = (*Adapter)(nil)
)

// New returns the adapter of a dialect, which makes its calls over h.
func New(d Dialect, h *http.Client) *Adapter { return &Adapter{d, meta.NewClient(h, "")} }

// Kind returns the dialect's.
func (a *Adapter) Kind() channels.Kind { return a.dialect.Kind }

// Credentials returns what an account is connected with.
func (a *Adapter) Credentials() []channels.Credential {
	return []channels.Credential{
		{Name: a.dialect.Account, Required: true},
		{Name: a.dialect.Token, Required: true, Secret: true},
		{Name: CredSecret, Required: true, Secret: true},
		{Name: CredVerify, Required: true, Secret: true},
	}
}

// Capabilities returns the dialect's.
func (a *Adapter) Capabilities() channels.Capabilities { return a.dialect.Capabilities }

// Screen wants Meta's signature.
func (*Adapter) Screen(_ channels.Account, hook channels.Webhook) error { return meta.Screen(hook) }

// Verify checks the signature with the app secret.
func (*Adapter) Verify(account channels.Account, hook channels.Webhook) error {
	return meta.Verify(account.Credentials[CredSecret], hook)
}

// Handshake answers Meta's check of the webhook address.
func (*Adapter) Handshake(account channels.Account, hook channels.Webhook) (string, error) {
	return meta.Handshake(account.Credentials[CredVerify], hook)
}

// Check asks for our account, which proves the token and the id.
func (a *Adapter) Check(ctx context.Context, account channels.Account) error {
	r := a.request(account, http.MethodGet, a.dialect.Route(account).Self)
	r.Query.Set("fields", a.dialect.CheckFields)
	var answer struct {
		ID     meta.Text `json:"id"`
		UserID meta.Text `json:"user_id"` // of an Instagram login; its id is another number
	}
	if err := a.graph.Call(ctx, r, &answer); err != nil {
		return a.explain(err, true)
	}
	if meta.First(answer.UserID, answer.ID) != account.Credentials[a.dialect.Account] {
		return &channels.SendError{
			Outcome: channels.Dead, Code: "account_mismatch", Title: "The access token belongs to another account",
			Detail: "Compare the account's id with the one for which the token was made.",
		}
	}
	return nil
}

// MarkRead marks what the person wrote as read, or shows for 20 seconds that an answer is being written.
// https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions
func (a *Adapter) MarkRead(ctx context.Context, account channels.Account, mark channels.ReadMark) error {
	action := "mark_seen"
	if mark.Typing {
		action = "typing_on"
	}
	return a.act(ctx, account, mark.To, object{"sender_action": action})
}

// act does something to the person's conversation that is no message; doing it twice does no harm.
func (a *Adapter) act(ctx context.Context, account channels.Account, to channels.Identity, body object) error {
	body["recipient"] = object{"id": to.Value}
	r := a.request(account, http.MethodPost, a.dialect.Route(account).Node+"/messages")
	r.Body = body
	var answer struct{}
	if err := a.graph.Call(ctx, r, &answer); err != nil {
		return a.explain(err, true)
	}
	return nil
}

// Profile asks who a person is, which the platform tells once they have written.
func (a *Adapter) Profile(ctx context.Context, account channels.Account, who channels.Identity) (channels.Person, error) {
	r := a.request(account, http.MethodGet, url.PathEscape(who.Value))
	r.Query.Set("fields", a.dialect.ProfileFields)
	var answer struct {
		Name     meta.Text `json:"name"`
		First    meta.Text `json:"first_name"`
		Last     meta.Text `json:"last_name"`
		Username meta.Text `json:"username"`
		Picture  string    `json:"profile_pic"`
	}
	if err := a.graph.Call(ctx, r, &answer); err != nil {
		return channels.Person{}, a.explain(err, true)
	}
	person := channels.Person{Name: meta.First(answer.Name, answer.First+" "+answer.Last), Username: string(answer.Username)}
	if meta.Trusted(account.BaseURL, answer.Picture) {
		person.Picture = answer.Picture
	}
	return person, nil
}

func (a *Adapter) request(account channels.Account, method, path string) meta.Request {
	route := a.dialect.Route(account)
	r := meta.Request{
		BaseURL: account.BaseURL, Token: account.Credentials[a.dialect.Token], Method: method, Path: path,
		Query: url.Values{},
	}
	if r.BaseURL == "" {
		r.BaseURL = route.Host
	}
	if route.Proof {
		r.Query.Set("appsecret_proof", meta.Proof(account.Credentials[CredSecret], r.Token))
	}
	return r
}
