package inbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"wasl/channels"
	"wasl/contacts"
	"wasl/internal/blob"
	"wasl/internal/errs"
	reader "wasl/internal/mail"
	"wasl/internal/richtext"
	"wasl/store"
)

// MailThread is what a conversation by mail keeps so that mails find it and answers belong together.
type MailThread struct {
	Subject string `bson:"subject"`
	Key     string `bson:"key"` // the subject for comparison
	// References are the ids of its mails, oldest first.
	References []string `bson:"references,omitempty"`
}

const (
	// maxReferences bounds the chain; its first mail stays.
	maxReferences = 30
	// sameSubject is how long an answer without any other sign still belongs to a mail with its subject.
	sameSubject = 30 * 24 * time.Hour
)

// threadOf returns the conversation that a message belongs to, or the one that goes on with it.
func (s *Service) threadOf(ctx context.Context, in *incoming, who *contacts.Resolution) (*Conversation, bool, error) {
	conv, created, err := s.threadFound(ctx, in, who)
	if err != nil || created {
		return conv, created, err
	}
	conv, err = s.forInbound(ctx, conv)
	return conv, false, err
}

// threadFound returns the conversation that a message belongs to. Only mail has several for a contact: the token in an address
// counts before the mails that it answers, and these before the subject, which says something only in an answer.
func (s *Service) threadFound(ctx context.Context, in *incoming, who *contacts.Resolution) (*Conversation, bool, error) {
	t := in.Message.Thread
	if t == nil {
		return s.conversationOf(ctx, in.Channel, who, in.Message.Group)
	}
	if t.Token != "" {
		conv, err := s.getConversation(ctx, conversationPrefix+t.Token)
		if err == nil && conv.ChannelID == in.Channel.ID {
			return conv, false, nil
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, false, err
		}
	}
	for _, id := range slices.Backward(t.References) {
		m, err := s.byProviderID(ctx, in.Channel, id)
		if err != nil {
			return nil, false, err
		}
		if m != nil {
			conv, err := s.getConversation(ctx, m.ConversationID)
			if err == nil && conv.via == "" {
				conv.via = m.Home
			}
			return conv, false, err
		}
	}
	if conv, err := s.byRelation(ctx, in, who); conv != nil || err != nil {
		return conv, false, err
	}
	conv, created, err := s.conversationOf(ctx, in.Channel, who, "mail "+in.Message.ProviderID)
	if created {
		conv.Group, conv.Mail = "", &MailThread{Key: t.Subject}
		if in.Message.Content.Mail != nil {
			conv.Mail.Subject = in.Message.Content.Mail.Subject
		}
	}
	return conv, created, err
}

// byRelation finds the contact's conversation that holds an answer to this mail, which overtook it, or else the latest one with the subject
// of an answer.
func (s *Service) byRelation(ctx context.Context, in *incoming, who *contacts.Resolution) (*Conversation, error) {
	t := in.Message.Thread
	var alike *Conversation
	for _, origin := range who.Origins {
		found, _, err := s.conversations.Find(ctx, store.Query{Index: "contact", Eq: []any{in.Channel.WorkspaceID, origin}, Limit: 50})
		if err != nil {
			return nil, err
		}
		for _, conv := range found {
			if conv.ChannelID != in.Channel.ID || conv.Mail == nil {
				continue
			}
			if slices.Contains(conv.Mail.References, in.Message.ProviderID) {
				return s.getConversation(ctx, conv.ID)
			}
			if alike == nil && t.Subject != "" && t.Reply && conv.Mail.Key == t.Subject && in.At.Sub(conv.LastActivityAt) < sameSubject {
				alike = conv
			}
		}
	}
	if alike == nil {
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	return s.getConversation(ctx, alike.ID)
}

// sameMessage returns the message that this one is again. Senders give one Message-ID to several mails: one that says something else is
// another mail, and gets an id of its own.
func (s *Service) sameMessage(ctx context.Context, in *incoming) (*Message, error) {
	known, err := s.byProviderID(ctx, in.Channel, in.Message.ProviderID)
	if err != nil || known == nil || known.Digest == "" || in.Message.Digest == "" || known.Digest == in.Message.Digest {
		return known, err
	}
	apart := *in.Message
	apart.ProviderID += " " + apart.Digest // no Message-ID has a blank
	in.Message = &apart
	return s.byProviderID(ctx, in.Channel, apart.ProviderID)
}

// unproven reports whether anybody may have sent the message in its sender's name.
func (in *incoming) unproven() bool {
	return in.Message.Content.Mail != nil && in.Message.Content.Mail.Unproven
}

// mailByID finds a mail by its Message-ID, at once: one of ours is known before it goes, so nothing overtakes it.
func (s *Service) mailByID(ctx context.Context, in *incoming, id string) (*Message, error) {
	return s.byProviderID(ctx, in.Channel, id)
}

// lateBounce is how long after a mail a bounce that names no mail is taken to be about it.
const lateBounce = 3 * 24 * time.Hour

// lastMailTo returns the newest mail that went to the address that a report without an id is about; nil: there was none lately.
func (s *Service) lastMailTo(ctx context.Context, in *incoming) (*Message, error) {
	address := strings.ToLower(in.Receipt.Recipient)
	if address == "" || !in.Channel.Can.Mail {
		return nil, nil //nolint:nilnil // absence is an ordinary answer here
	}
	found, _, err := s.conversations.Find(ctx, store.Query{
		Index: "address", Eq: []any{in.Channel.WorkspaceID, in.Channel.ID, address},
		Limit: 20,
	})
	if err != nil {
		return nil, err
	}
	var newest *Message
	for _, conv := range found {
		said, _, err := s.messages.Find(ctx, store.Query{Index: "thread", Eq: []any{conv.WorkspaceID, conv.ID}, Limit: 20})
		if err != nil {
			return nil, err
		}
		for _, m := range said {
			went := m.Direction == Out && m.ProviderID != "" && m.Mail != nil &&
				(len(m.Mail.To) == 0 || strings.EqualFold(m.Mail.To[0].Address, address))
			if went && in.At.Sub(m.SentAt) < lateBounce && (newest == nil || m.SentAt.After(newest.SentAt)) {
				newest = m
			}
		}
	}
	return newest, nil
}

// follow adds a mail that came in.
func (t *MailThread) follow(in *channels.Thread, m *Message) {
	if t == nil || in == nil {
		return
	}
	own, _, _ := strings.Cut(m.ProviderID, " ") // without what tells mails of one id apart
	for _, id := range append(slices.Clone(in.References), own) {
		t.sent(id)
	}
}

// sent adds a mail's id to the chain.
func (t *MailThread) sent(id string) {
	if t == nil || id == "" || slices.Contains(t.References, id) {
		return
	}
	if t.References = append(t.References, id); len(t.References) > maxReferences {
		t.References = slices.Delete(t.References, 1, 2)
	}
}

// conversationPrefix and the token in a mail's address make the id of its conversation.
const conversationPrefix = "cnv_"

func htmlID(messageID string) string { return messageID + ".html" }

// cleanID is where the formatted text of a message is kept once it was made safe.
func cleanID(messageID string) string { return messageID + ".safe" + richtext.Policy }

// What the pictures of one mail may take together to be made small: so many pixels, and more by its size. Photographs have four to six
// for a byte of their file, what was made to cost has a hundred and more.
const (
	mailPixels    = 8_000_000
	pixelsPerByte = 6
)

// storeParts stores what came together with a message: its files and its formatted text. Storing it twice is harmless.
func (s *Service) storeParts(ctx context.Context, c *change, m *Message) error {
	pixels := mailPixels
	for n := range m.Attachments {
		a := &m.Attachments[n]
		if a.Data == nil {
			continue
		}
		file := s.newFile(m, *a)
		put := s.Files.Put
		if pixels += pixelsPerByte * len(a.Data); pixels < 0 {
			put = s.Files.PutPlain
		}
		if err := put(ctx, file, a.MIME, bytes.NewReader(a.Data)); err != nil {
			return err
		}
		pixels -= file.Width * file.Height
		a.State = channels.FileReady
		a.Name, a.MIME, a.Size, a.Width, a.Height, a.Thumbnail = file.Name, file.MIME, file.Size, file.Width, file.Height, file.Thumbnail
		c.Changes = append(c.Changes, s.Files.Insert(file))
	}
	if m.Mail == nil || m.Mail.HTML == "" {
		return nil
	}
	_, err := s.Blobs.Put(ctx, htmlID(m.ID), strings.NewReader(m.Mail.HTML))
	return err
}

// html returns a message's formatted text; empty: it has none.
func (s *Service) html(ctx context.Context, m *Message) (string, error) {
	if m.Mail == nil || !m.Mail.HasHTML {
		return "", nil
	}
	text, err := s.blobText(ctx, htmlID(m.ID), richtext.MaxHTML)
	if errors.Is(err, blob.ErrNotFound) {
		return "", nil
	}
	return text, err
}

// cleanHTML returns a message's formatted text, safe but for its pictures (richtext.Clean), or store.ErrNotFound. Making it takes time, so
// it is made when it is first asked for, and kept.
func (s *Service) cleanHTML(ctx context.Context, m *Message) (string, error) {
	const most = 16 * richtext.MaxHTML // what is safe is longer than what it was made of
	kept, err := s.blobText(ctx, cleanID(m.ID), most)
	if !errors.Is(err, blob.ErrNotFound) {
		return kept, err
	}
	source, err := s.html(ctx, m)
	if err == nil && source == "" {
		err = store.ErrNotFound
	}
	if err != nil {
		return "", err
	}
	clean := richtext.Clean(source)
	_, err = s.Blobs.Put(ctx, cleanID(m.ID), strings.NewReader(clean))
	return clean, err
}

func (s *Service) blobText(ctx context.Context, id string, most int64) (string, error) {
	r, _, err := s.Blobs.Open(ctx, id)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	data, err := io.ReadAll(io.LimitReader(r, most))
	return string(data), err
}

// MailInput is what somebody writes of a mail besides its text.
type MailInput struct {
	Subject string   `json:"subject,omitempty" maxLength:"900" doc:"Empty: that of the conversation"`
	To      []string `json:"to,omitempty" maxItems:"50" doc:"Empty: the conversation's address"`
	CC      []string `json:"cc,omitempty" maxItems:"50"`
	BCC     []string `json:"bcc,omitempty" maxItems:"50"`
	HTML    string   `json:"html,omitempty" maxLength:"500000" doc:"The formatted text; the plain text is made of it"`
	// Unsigned leaves the writer's signature out.
	Unsigned bool `json:"unsigned,omitempty" doc:"Leaves the writer's signature out"`
}

func (in *MailInput) content() *channels.Mail {
	return &channels.Mail{
		Subject: reader.OneLine(in.Subject), HTML: in.HTML, To: addressesOf(in.To), CC: addressesOf(in.CC), BCC: addressesOf(in.BCC),
	}
}

func addressesOf(written []string) []channels.Address {
	var out []channels.Address
	for _, a := range written {
		out = append(out, channels.Address{Address: a})
	}
	return out
}

// composeMail completes a mail: its subject, its addresses, and formatted text that is safe and has a plain form.
func (s *Service) composeMail(ctx context.Context, conv *Conversation, m *Message, n NewMessage) error {
	written := channels.Mail{}
	if m.Mail != nil { // it is composed again where others were faster
		written = *m.Mail
	}
	m.Mail = &written
	if m.Author.Type == BySystem {
		m.Mail.Auto = string(reader.Reply)
	}
	if m.Mail.Subject == "" && conv.Mail != nil {
		m.Mail.Subject = conv.Mail.Subject
		if conv.Mail.Key == strings.ToLower(conv.Mail.Subject) && conv.Mail.Subject != "" && len(conv.Mail.References) > 0 {
			m.Mail.Subject = "Re: " + conv.Mail.Subject
		}
	}
	if conv.Mail == nil { // begun by us
		conv.Mail = &MailThread{Subject: m.Mail.Subject, Key: strings.ToLower(m.Mail.Subject)}
	}
	var err error
	for field, list := range map[string]*[]channels.Address{"mail.to": &m.Mail.To, "mail.cc": &m.Mail.CC, "mail.bcc": &m.Mail.BCC} {
		if *list, err = checkAddresses(field, *list); err != nil {
			return err
		}
	}
	if m.Mail.HTML != "" {
		m.Mail.HTML = richtext.Sanitize(m.Mail.HTML, richtext.Images{})
		m.Text = richtext.Text(m.Mail.HTML)
	}
	if err := s.enclose(ctx, conv, m, n.Unsigned); err != nil || m.Mail.HTML == "" {
		return err
	}
	m.Mail.HasHTML = true
	_, err = s.Blobs.Put(ctx, htmlID(m.ID), strings.NewReader(m.Mail.HTML))
	return err
}

func checkAddresses(field string, list []channels.Address) ([]channels.Address, error) {
	var out []channels.Address
	for n, a := range list {
		at, err := mail.ParseAddress(a.Address)
		if err != nil {
			return nil, errs.InvalidField("address_invalid", field+"["+strconv.Itoa(n)+"]", "this is no mail address")
		}
		out = append(out, channels.Address{Name: reader.OneLine(at.Name), Address: at.Address})
	}
	return out, nil
}

// address completes a mail on its way out with what it belongs to.
func (s *Service) address(ctx context.Context, conv *Conversation, m *Message, out *channels.Outgoing) error {
	if m.Mail == nil {
		return nil
	}
	out.Thread = &channels.Thread{Token: strings.TrimPrefix(conv.ID, conversationPrefix)}
	if conv.Mail != nil {
		out.Thread.Subject, out.Thread.References = conv.Mail.Subject, conv.Mail.References
	}
	whole := *m.Mail
	html, err := s.html(ctx, m)
	whole.HTML, out.Content.Mail = html, &whole
	return err
}
