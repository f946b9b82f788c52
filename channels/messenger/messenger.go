// Package messenger connects Facebook pages. https://developers.facebook.com/docs/messenger-platform
package messenger

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"wasl/channels"
	"wasl/channels/meta/messaging"
)

// Kind is this channel's kind.
const Kind channels.Kind = "messenger"

const credPage = "page_id"

// New returns the adapter, which makes its calls over h.
func New(h *http.Client) channels.Adapter {
	reactions := map[string]string{"❤️": "love", "👍": "like", "👎": "dislike", "😆": "smile", "😮": "wow", "😢": "sad", "😠": "angry"}
	return messaging.New(messaging.Dialect{
		Kind: Kind, Name: "Messenger", Object: "page", Identity: "psid", Account: credPage, Token: "page_access_token",
		Capabilities: capabilities(slices.Sorted(maps.Keys(reactions))), Reactions: reactions, OwnID: true, LetGo: letGo,
		ProfileFields: "first_name,last_name,name,profile_pic", CheckFields: "id,name",
		Route: func(account channels.Account) messaging.Route {
			page := url.PathEscape(account.Credentials[credPage])
			return messaging.Route{Node: page, Self: page, Proof: true}
		},
	}, h)
}

const megabyte = 1 << 20

// https://developers.facebook.com/docs/messenger-platform/reference/send-api
func capabilities(reactions []string) channels.Capabilities {
	return channels.Capabilities{
		Precision: time.Millisecond,
		Window:    24 * time.Hour, HumanWindow: 7 * 24 * time.Hour,
		TextMax: 2000, Uploads: messaging.UploadsLast,
		Media: []channels.MediaRule{
			{Kind: "image", MIME: []string{"image/jpeg", "image/png", "image/gif"}, MaxBytes: 8 * megabyte, NoCaption: true},
			{Kind: "video", MIME: []string{"video/*"}, MaxBytes: 25 * megabyte, NoCaption: true},
			{Kind: "voice", MIME: []string{"audio/*"}, MaxBytes: 25 * megabyte, NoCaption: true},
			{Kind: "audio", MIME: []string{"audio/*"}, MaxBytes: 25 * megabyte, NoCaption: true},
			{Kind: "document", MIME: []string{"*/*"}, MaxBytes: 25 * megabyte, NoCaption: true},
		},
		Interactive: channels.InteractiveRules{Buttons: 13, ButtonTitleMax: 20, BodyMax: 640, Link: true, ContactRequest: true},
		Reactions:   true, ReactionSet: reactions, Replies: true, ReadReceipts: true, Typing: true,
		Rate: channels.RateLimits{PerSecond: 300},
	}
}
