package whatsapp_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"wasl/channels"
)

// describe says what an event means in one line, so that the expected outcome of a sample can be read and judged.
func describe(e channels.Event) string {
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
	case e.Reaction != nil:
		say("reaction %q on %s", e.Reaction.Emoji, e.Reaction.MessageProviderID)
		flag(say, e.Reaction.Echo, "echo")
	case e.Edit != nil:
		say("edit of %s: ", e.Edit.MessageProviderID)
		describeContent(say, e.Edit.Content)
		flag(say, e.Edit.Echo, "echo")
	case e.Deletion != nil:
		say("deletion of %s", e.Deletion.MessageProviderID)
		flag(say, e.Deletion.Echo, "echo")
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
	if e.Account != account.Credentials["phone_number_id"] {
		say(" | account %s", e.Account)
	}
	if e.At.IsZero() {
		say(" | at ?")
	} else {
		say(" | at %d", e.At.Unix())
	}
	return short.Replace(b.String())
}

// short leaves out what all samples have in common.
var short = strings.NewReplacer("wamid.HBgLFIXTURE", "", "AA==", "", "/900000000000001", "",
	"Ines Valdoro phone:12025550143 bsuid:US.7000000000000000001", "Ines", "at 17900", "at +")

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

type sayer func(format string, args ...any)

func flag(say sayer, on bool, word string) {
	if on {
		say(" %s", word)
	}
}

func describeMessage(say sayer, m *channels.Incoming) {
	say("message %s ", m.ProviderID)
	describeContent(say, m.Content)
	flag(say, m.OpensWindow, "opens")
	flag(say, m.Echo, "echo")
	flag(say, m.Historic, "historic")
	flag(say, m.Status != "", "status="+m.Status)
	flag(say, m.ReplyTo != "", "re="+m.ReplyTo)
	flag(say, m.Group != "", "group="+m.Group)
	flag(say, len(m.Raw) > 0, "raw")
}

func describeContent(say sayer, c channels.Content) {
	say("%s %q", c.Type, c.Text)
	for _, a := range c.Attachments {
		say(" [%s %s %s %q]", a.Kind, a.MIME, a.ProviderID, a.Name)
		flag(say, a.Animated, "animated")
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
		for _, k := range sortedKeys(i.Form) {
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
	}
	if c.Product != nil {
		say(" product=%s/%s", c.Product.CatalogID, c.Product.ProductID)
	}
	flag(say, c.Forwarded != "", "forwarded="+c.Forwarded)
	flag(say, c.System != "", "system="+c.System)
}

func describeNotice(say sayer, n *channels.Notice) {
	say("notice %s %s %q", n.Kind, n.Severity, n.Title)
	flag(say, n.Detail != "", fmt.Sprintf("%q", n.Detail))
	flag(say, n.Pauses, "pauses")
	if t := n.Template; t != nil {
		say(" template=%s/%s/%s status=%s category=%s quality=%s", t.ID, t.Name, t.Language, t.Status, t.Category, t.Quality)
	}
}

func identities(list []channels.Identity) string {
	short := map[string]string{"whatsapp_phone": "phone", "whatsapp_bsuid": "bsuid", "whatsapp_parent_bsuid": "parent"}
	var b strings.Builder
	for _, i := range list {
		fmt.Fprintf(&b, " %s:%s", short[i.Kind], i.Value)
		if i.Scope != "" {
			b.WriteString("/" + i.Scope)
		}
	}
	return b.String()
}
