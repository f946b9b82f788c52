package routing

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"wasl/activity"
	"wasl/channels"
	"wasl/internal/errs"
	"wasl/store"
)

// AutoKind is on what occasion an automatic message is sent.
type AutoKind string

// The occasions: it begins; it begins while nobody is there; it begins and waits in a queue; it is resolved.
const (
	Welcome       AutoKind = "welcome"
	AwayMessage   AutoKind = "away"
	QueuePosition AutoKind = "queue_position"
	Satisfaction  AutoKind = "satisfaction" // asks whether the customer is satisfied
)

// AutoMessage is what customers are told by themselves when a conversation begins or begins again.
type AutoMessage struct {
	store.Meta   `bson:",inline"`
	Listed       `bson:",inline"`
	Kind         AutoKind        `bson:"kind"`
	Enabled      bool            `bson:"enabled"`
	ChannelIDs   []string        `bson:"channel_ids"`   // on these channels, and
	ChannelKinds []channels.Kind `bson:"channel_kinds"` // on channels of these kinds; neither: on all
	Text         AutoText        `bson:"text"`
	HoursID      string          `bson:"hours_id,omitempty"` // outside of them somebody is away; empty: only when nobody is there
	// DelayMinutes is how long after the resolving a customer is asked, EveryDays how often at most: of Satisfaction.
	DelayMinutes int `bson:"delay_minutes,omitempty"`
	EveryDays    int `bson:"every_days,omitempty"`
}

// AutoText is a text in the languages that customers are written to.
type AutoText struct {
	English string `bson:"en,omitempty" json:"en,omitempty" maxLength:"1000"`
	Hebrew  string `bson:"he,omitempty" json:"he,omitempty" maxLength:"1000"`
	Arabic  string `bson:"ar,omitempty" json:"ar,omitempty" maxLength:"1000"`
}

// in is the text in a language, in one of others, or in any.
func (t AutoText) in(languages ...string) string {
	said, _ := t.pick(languages...)
	return said
}

// pick is the text in a language, in one of others, or in any, with the language that it is in.
func (t AutoText) pick(languages ...string) (said, language string) {
	for _, l := range append(languages, "en", "he", "ar") {
		if said := map[string]string{"en": t.English, "he": t.Hebrew, "ar": t.Arabic}[l]; said != "" {
			return said, l
		}
	}
	return "", ""
}

// languageOf is the language of most people in a country; empty: not known.
func languageOf(country string) string {
	region, err := language.ParseRegion(country)
	if err != nil {
		return ""
	}
	tag, _ := language.Compose(region)
	base, _ := tag.Base()
	return base.String()
}

var autoSchema = store.Schema{Name: "auto_messages", Indexes: []store.Index{byPosition}}

const (
	// maxAuto bounds the automatic messages of a workspace.
	maxAuto = 100
	// positionPlace is where the text says how many are served before, and this one with them.
	positionPlace = "{{position}}"
)

// newAutoMessages returns the settings of the automatic messages.
func newAutoMessages(s *Service) settings[AutoMessage, *AutoMessage] {
	return settings[AutoMessage, *AutoMessage]{
		s: s, rows: store.NewCollection[AutoMessage](s.Engine, autoSchema), kind: activity.AutoMessage, prefix: "aut", most: maxAuto,
		full:  tooMany("auto_message_limit", "automatic messages", maxAuto),
		check: s.checkAuto, show: func(a *AutoMessage) any { return viewAuto(a) },
		name: func(a *AutoMessage) string { return string(a.Kind) },
	}
}

// checkAuto refuses what an automatic message cannot be: channels and hours that there are not, and texts that say nothing.
func (s *Service) checkAuto(ctx context.Context, a *AutoMessage) error {
	if a.Text.in() == "" {
		return errs.InvalidField("empty_message", "text", "a text in at least one language")
	}
	for field, said := range map[string]string{"text/en": a.Text.English, "text/he": a.Text.Hebrew, "text/ar": a.Text.Arabic} {
		if a.Kind == QueuePosition && said != "" && !strings.Contains(said, positionPlace) {
			return errs.InvalidField("position_missing", field, "says where the number stands: "+positionPlace)
		}
	}
	for _, id := range a.ChannelIDs {
		if _, err := s.Inbox.Channels.Of(ctx, a.WorkspaceID, id); errors.Is(err, store.ErrNotFound) {
			return errs.InvalidField("channel_not_found", "channel_ids", "there is no such channel in this workspace")
		} else if err != nil {
			return err
		}
	}
	for _, kind := range a.ChannelKinds {
		if !slices.Contains(channels.Kinds, kind) {
			return errs.InvalidField("unknown_channel_kind", "channel_kinds", "kinds of channels, such as whatsapp")
		}
	}
	return s.knownHours(ctx, a.WorkspaceID, a.HoursID, "business_hours_id")
}

// fits is how closely it is meant for a channel: by name, by kind, for all; 0: it is not.
func (a *AutoMessage) fits(channelID, kind string) int {
	switch {
	case !a.Enabled:
		return 0
	case slices.Contains(a.ChannelIDs, channelID):
		return 3
	case slices.Contains(a.ChannelKinds, channels.Kind(kind)):
		return 2
	case len(a.ChannelIDs)+len(a.ChannelKinds) == 0:
		return 1
	}
	return 0
}

// meant are the automatic messages for a channel, one of each kind: the closest, and of equals the first.
func meant(all []*AutoMessage, channelID, kind string) map[AutoKind]*AutoMessage {
	out := map[AutoKind]*AutoMessage{}
	for _, a := range all {
		if before := out[a.Kind]; a.fits(channelID, kind) > 0 && (before == nil || a.fits(channelID, kind) > before.fits(channelID, kind)) {
			out[a.Kind] = a
		}
	}
	return out
}
