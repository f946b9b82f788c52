// Package instagram connects professional Instagram accounts, by either way of signing in: a page's token ("Facebook
// login") or the account's own ("Instagram login"). https://developers.facebook.com/docs/instagram-platform
package instagram

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"wasl/channels"
	"wasl/channels/meta"
	"wasl/channels/meta/messaging"
)

// Kind is this channel's kind.
const Kind channels.Kind = "instagram"

const (
	credAccount = "account_id"
	credToken   = "access_token"
)

// adapter adds what only Instagram needs.
type adapter struct {
	*messaging.Adapter
	graph *meta.Client
}

var _ channels.Renewer = adapter{}

// New returns the adapter, which makes its calls over h.
func New(h *http.Client) channels.Adapter {
	return adapter{messaging.New(messaging.Dialect{
		Kind: Kind, Name: "Instagram", Object: "instagram", Identity: "igsid", Account: credAccount, Token: credToken,
		Capabilities: capabilities(), Reactions: map[string]string{"❤️": "love"}, SharesAreFiles: true, LetGo: letGo,
		ProfileFields: "name,username,profile_pic", CheckFields: "id,user_id,username", Route: route,
	}, h), meta.NewClient(h, "")}
}

const host = "https://graph.instagram.com"

// ofPage tells the two ways of signing in apart by their tokens: those that Facebook gives out begin with EAA.
func ofPage(account channels.Account) bool {
	return strings.HasPrefix(account.Credentials[credToken], "EAA")
}

func route(account channels.Account) messaging.Route {
	id := url.PathEscape(account.Credentials[credAccount])
	if ofPage(account) {
		return messaging.Route{Node: "me", Self: id, Proof: true}
	}
	return messaging.Route{Host: host, Node: id, Self: "me"}
}

const megabyte = 1 << 20

// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
func capabilities() channels.Capabilities {
	return channels.Capabilities{
		Precision: time.Millisecond,
		Window:    24 * time.Hour, HumanWindow: 7 * 24 * time.Hour,
		TextBytes: 1000,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/jpeg", "image/png"}, MaxBytes: 8 * megabyte, NoCaption: true},
			{
				Kind: "video", MIME: []string{"video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"},
				MaxBytes: 25 * megabyte, NoCaption: true,
			},
			{
				Kind: "voice", MIME: []string{"audio/aac", "audio/mp4", "audio/x-m4a", "audio/wav", "audio/x-wav"}, MaxBytes: 25 * megabyte,
				NoCaption: true,
			},
			{
				Kind: "audio", MIME: []string{"audio/aac", "audio/mp4", "audio/x-m4a", "audio/wav", "audio/x-wav"}, MaxBytes: 25 * megabyte,
				NoCaption: true,
			},
			{Kind: "document", MIME: []string{"application/pdf"}, MaxBytes: 25 * megabyte, NoCaption: true},
		},
		Interactive: channels.InteractiveRules{Buttons: 13, ButtonTitleMax: 20, BodyMax: 640, Link: true},
		Reactions:   true, ReactionSet: []string{"❤️"}, Replies: true, ReadReceipts: true, Typing: true,
		Rate: channels.RateLimits{PerSecond: 300},
	}
}
