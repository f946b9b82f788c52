package channeltest

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"wasl/channels"
)

// Meaning reads what a person decided that each sample means: after a heading "== name", one event a line, as Describe
// writes it.
func Meaning(t *testing.T, path string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	_, samples, _ := strings.Cut(string(text), "\n== ")
	for sample := range strings.SplitSeq(samples, "\n== ") {
		lines := strings.Split(strings.TrimSpace(sample), "\n")
		out[lines[0]] = lines[1:]
	}
	return out
}

// Describe says what an event means in one line, so that the expected outcome of a sample can be read and judged. It
// names the account where that is another one than own.
func Describe(e channels.Event, own string) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	switch {
	case e.Message != nil:
		describeMessage(say, e.Message)
	case e.Receipt != nil:
		say("receipt %s of %s", e.Receipt.Status, e.Receipt.ProviderID)
		if e.Receipt.MessageID != "" {
			say(" ours=%s", e.Receipt.MessageID)
		}
		if e.Receipt.Error != nil {
			say(" error=%s/%s", e.Receipt.Error.Code, e.Receipt.Error.Provider)
		}
		when(say, e.Receipt.Watermark, "and all before")
	case e.Reaction != nil:
		say("reaction %q on %s", e.Reaction.Emoji, e.Reaction.MessageProviderID)
		when(say, e.Reaction.OpensWindow, "opens")
		when(say, e.Reaction.Echo, "echo")
	case e.Edit != nil:
		say("edit of %s: ", e.Edit.MessageProviderID)
		describeContent(say, e.Edit.Content)
		when(say, e.Edit.Echo, "echo")
	case e.Deletion != nil:
		say("deletion of %s", e.Deletion.MessageProviderID)
		when(say, e.Deletion.Erase, "erase")
		when(say, e.Deletion.Echo, "echo")
	case e.Profile != nil:
		say("profile %s %q was%s", e.Profile.Kind, e.Profile.Text, identities(e.Profile.Previous))
	case e.Notice != nil:
		describeNotice(say, e.Notice)
	}
	if e.Contact != nil {
		say(" | %s", strings.TrimSpace(e.Contact.Name+identities(e.Contact.Identities)))
		if e.Contact.Username != "" {
			say(" @%s", e.Contact.Username)
		}
	}
	if e.Account != own {
		say(" | account %s", e.Account)
	}
	if e.At.IsZero() {
		say(" | at ?")
	} else {
		say(" | at %d", e.At.Unix())
	}
	return b.String()
}

type sayer func(format string, args ...any)

func when(say sayer, on bool, word string) {
	if on {
		say(" %s", word)
	}
}

func describeMessage(say sayer, m *channels.Incoming) {
	say("message %s ", m.ProviderID)
	describeContent(say, m.Content)
	when(say, m.OpensWindow, "opens")
	when(say, m.Echo, "echo")
	when(say, m.Historic, "historic")
	when(say, m.Status != "", "status="+string(m.Status))
	when(say, m.ReplyTo != "", "re="+m.ReplyTo)
	when(say, m.Group != "", "group="+m.Group)
	when(say, len(m.Raw) > 0, "raw")
}

func describeContent(say sayer, c channels.Content) {
	say("%s %q", c.Type, c.Text)
	for _, a := range c.Attachments {
		say(" [%s %s %s %q]", a.Kind, a.MIME, a.ProviderID+a.SourceURL, a.Name)
		when(say, a.Animated, "animated")
	}
	if c.Location != nil {
		say(" point=%v,%v", c.Location.Latitude, c.Location.Longitude)
	}
	for _, card := range c.Contacts {
		say(" card=%s", card.Name)
		for _, p := range card.Phones {
			say("<%s %s>", p.Phone, p.WhatsAppID)
		}
	}
	if i := c.Interactive; i != nil {
		say(" %s", i.Kind)
		if i.Reply != nil {
			say("=%s(%s)", i.Reply.ID, i.Reply.Description)
		}
		for _, b := range i.Buttons {
			say(" <%s>%s", b.ID, b.Title)
		}
		for _, k := range slices.Sorted(maps.Keys(i.Form)) {
			say(" %s=%s", k, i.Form[k])
		}
	}
	if c.Order != nil {
		for _, i := range c.Order.Items {
			say(" %d*%s@%s%s", i.Quantity, i.ProductID, i.Price, i.Currency)
		}
	}
	if r := c.Referral; r != nil {
		say(" referral=%s/%s click=%s media=%s", r.Source, r.SourceID, r.ClickID, r.MediaURL)
		when(say, r.Ref != "", "ref="+r.Ref)
	}
	if c.Link != nil {
		say(" link=%s %q %s", c.Link.Kind, c.Link.Title, c.Link.URL)
	}
	if c.Product != nil {
		say(" product=%s/%s", c.Product.CatalogID, c.Product.ProductID)
		when(say, c.Product.Title != "", fmt.Sprintf("%q %q", c.Product.Title, c.Product.Detail))
	}
	when(say, c.Forwarded != "", "forwarded="+c.Forwarded)
	when(say, c.System != "", "system="+c.System)
}

func describeNotice(say sayer, n *channels.Notice) {
	say("notice %s %s %q", n.Kind, n.Severity, n.Title)
	when(say, n.Detail != "", fmt.Sprintf("%q", n.Detail))
	when(say, n.Pauses, "pauses")
	if t := n.Template; t != nil {
		say(" template=%s/%s/%s status=%s category=%s quality=%s", t.ID, t.Name, t.Language, t.Status, t.Category, t.Quality)
	}
}

func identities(list []channels.Identity) string {
	short := map[string]string{"whatsapp_phone": "phone", "whatsapp_bsuid": "bsuid", "whatsapp_parent_bsuid": "parent"}
	var b strings.Builder
	for _, i := range list {
		kind := i.Kind
		if known, ok := short[kind]; ok {
			kind = known
		}
		fmt.Fprintf(&b, " %s:%s", kind, i.Value)
		if i.Scope != "" {
			b.WriteString("/" + i.Scope)
		}
	}
	return b.String()
}
