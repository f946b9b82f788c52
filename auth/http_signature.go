package auth

import (
	"maps"
	"regexp"
	"strings"

	"wasl/internal/errs"
	"wasl/internal/richtext"
)

// maxSignatures bounds for how many channels one user has a signature of their own.
const maxSignatures = 100

// signatures are what stands under a user's mails, as REST shows it: safe formatted text.
type signatures struct {
	Everywhere string            `json:"everywhere" doc:"Formatted text under every mail; empty: none"`
	Channels   map[string]string `json:"channels" nullable:"false" doc:"By a channel's id: what stands there instead"`
}

func viewSignatures(u *User) signatures {
	v := signatures{Everywhere: u.Signature, Channels: map[string]string{}}
	maps.Copy(v.Channels, u.ChannelSignatures)
	return v
}

type signaturesPatch struct {
	Everywhere *string           `json:"everywhere,omitempty" maxLength:"20000"`
	Channels   map[string]string `json:"channels,omitempty" doc:"By a channel's id; empty: the one for everywhere counts there too"`
}

// maxSignature is the length of one in bytes.
const maxSignature = 20000

var channelForm = regexp.MustCompile(`^chn_[0-9a-z]{26}$`)

// apply replaces the signatures that the patch names.
func (p *signaturesPatch) apply(u *User) error {
	if p == nil {
		return nil
	}
	if p.Everywhere != nil {
		u.Signature = safeSignature(*p.Everywhere)
	}
	own := maps.Clone(u.ChannelSignatures)
	if own == nil {
		own = map[string]string{}
	}
	for channel, written := range p.Channels {
		if !channelForm.MatchString(channel) || len(written) > maxSignature {
			return errs.InvalidField("invalid_signature", "signatures.channels", "ids of channels, each with at most 20,000 bytes")
		}
		if own[channel] = safeSignature(written); own[channel] == "" {
			delete(own, channel)
		}
	}
	if len(own) > maxSignatures {
		return errs.InvalidField("invalid_signature", "signatures.channels", "at most 100")
	}
	u.ChannelSignatures = own
	return nil
}

// safeSignature is what may go out of it; one that says and shows nothing is none. Pictures stay where they are: whoever reads the mail
// loads them.
func safeSignature(written string) string {
	safe := richtext.Sanitize(written, richtext.Images{Remote: true})
	if richtext.Text(safe) == "" && !strings.Contains(safe, "<img") {
		return ""
	}
	return safe
}
