package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"wasl/internal/errs"
	"wasl/internal/ids"
)

// AddCustomer gives a person a phone.
func (s *Sandbox) AddCustomer(c Customer) (Phone, error) {
	c.Name = strings.TrimSpace(c.Name)
	c.Phone = digits(c.Phone)
	if c.Name == "" {
		return Phone{}, errs.InvalidField("name_missing", "name", "A customer has a name.")
	}
	if c.Phone != "" && (len(c.Phone) < 7 || len(c.Phone) > 15) {
		return Phone{}, errs.InvalidField("phone_invalid", "phone", "7 to 15 digits with the country code.")
	}
	c.Email = strings.ToLower(strings.TrimSpace(c.Email))
	if at, err := mail.ParseAddress(c.Email); c.Email != "" && (err != nil || at.Address != c.Email) {
		return Phone{}, errs.InvalidField("email_invalid", "email", "This is no mail address.")
	}
	if c.Phone == "" && c.Username == "" && c.Email == "" {
		return Phone{}, errs.InvalidField("phone_missing", "phone", "A number, a user name or a mail address is needed.")
	}
	if c.Username != "" && !strings.HasPrefix(c.Username, "@") {
		c.Username = "@" + c.Username
	}
	if c.Language == "" {
		c.Language = "en"
	}
	if c.Key == "" {
		c.Key = s.freeKey(c)
	}
	if c.UserID == "" {
		c.UserID = userID(c)
	}
	if _, taken := s.book.find(c); taken {
		return Phone{}, errs.New(errs.Conflict, "phone_exists", "Somebody has this number or address already.")
	}
	p := Phone{Customer: c}
	s.book.savePhone(p)
	return p, nil
}

// freeKey makes a short key for addresses and test ids: of the name where it is Latin, else of the number.
func (s *Sandbox) freeKey(c Customer) string {
	var b strings.Builder
	for _, r := range strings.ToLower(c.Name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	base := strings.Trim(b.String(), "-")
	if len(base) < 2 {
		base = "c" + c.Phone
		if c.Phone == "" {
			name, _, _ := strings.Cut(strings.TrimPrefix(c.Username, "@")+"@"+c.Email, "@")
			if name == "" {
				name, _, _ = strings.Cut(c.Email, "@")
			}
			base = "u-" + strings.ToLower(name)
		}
	}
	key := base
	for n := 2; ; n++ {
		if _, taken := s.book.phone(key); !taken {
			return key
		}
		key = fmt.Sprintf("%s-%d", base, n)
	}
}

// userID makes the provider's id of a person: the country and 19 digits that are always the same for the key.
func userID(c Customer) string {
	country := "US"
	for prefix, code := range map[string]string{
		"972": "IL", "971": "AE", "966": "SA", "962": "JO", "20": "EG", "44": "GB", "49": "DE",
		"33": "FR", "34": "ES",
	} {
		if strings.HasPrefix(c.Phone, prefix) {
			country = code
		}
	}
	sum := sha256.Sum256([]byte(c.Key))
	return fmt.Sprintf("%s.%019d", country, binary.BigEndian.Uint64(sum[:])%1e19)
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) && r < 128 {
			return r
		}
		return -1
	}, text)
}

// Phones returns the phones that the page shows.
func (s *Sandbox) Phones() []Phone {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	phones, _ := s.book.snapshot()
	return phones
}

// Chat returns what was said on a phone, oldest first.
func (s *Sandbox) Chat(phone string) []Message { return s.book.chat(phone) }

// Switch turns a phone off and on, and its read marks. What waited arrives when it goes on.
func (s *Sandbox) Switch(phone string, off, noRead bool) (Phone, error) {
	p, ok := s.book.phone(phone)
	if !ok {
		return Phone{}, noPhone(phone)
	}
	p.Off, p.NoRead = off, noRead
	s.book.savePhone(p)
	if off {
		return p, nil
	}
	for _, m := range s.book.chat(phone) {
		if m.From != FromBusiness {
			continue
		}
		switch {
		case m.Status == StatusSent:
			s.arrive(m.ID)
		case m.Status == StatusDelivered && !noRead:
			s.later(readAfter, func() { s.see(m.ID) })
		}
	}
	return p, nil
}

func noPhone(key string) error {
	return errs.New(errs.NotFound, "phone_not_found", "There is no phone "+key+".")
}

// Say sends a message from a customer's phone. Phone and Content are needed; Account is the first one when it is
// empty, and At is now, unless the message was said before.
func (s *Sandbox) Say(m Message) (Message, error) {
	p, ok := s.book.phone(m.Phone)
	if !ok {
		return Message{}, noPhone(m.Phone)
	}
	a, ok := s.account(m.Account)
	if !ok {
		return Message{}, errs.New(errs.NotFound, "account_not_found", "There is no such account.")
	}
	d := s.dialects[a.Kind]
	if d.address(a, p) == "" {
		return Message{}, errs.New(errs.Invalid, "app_missing", p.Name+" does not use this app.")
	}
	if m.Content.Type == "" {
		return Message{}, errs.InvalidField("type_missing", "type", "A message has a type.")
	}
	if m.Content.Type == "text" && strings.TrimSpace(m.Content.Text) == "" {
		return Message{}, errs.InvalidField("text_missing", "text", "An empty message says nothing.")
	}
	if m.At.IsZero() {
		m.At = s.clock.Now()
	}
	m.ID, m.Account, m.From, m.Status = d.newID(p, m.Content), a.ID, FromCustomer, StatusSent
	if c, ok := d.(composer); ok {
		if err := c.compose(a, p, &m); err != nil {
			return Message{}, err
		}
	}
	s.book.add(m)
	s.out.send(a, s.about("message", p, m))
	if l, ok := d.(listener); ok {
		l.heard(a, p, m)
	}
	return m, nil
}

// recipient finds the person whom the provider calls so towards an account.
func (s *Sandbox) recipient(a Account, address string) (Phone, bool) {
	d := s.dialects[a.Kind]
	return s.book.first(func(p Phone) bool { return address != "" && d.address(a, p) == address })
}

// Native lets the business answer in the provider's own app, which the gateway hears of as an echo.
func (s *Sandbox) Native(phone, accountID, text string) (Message, error) {
	p, ok := s.book.phone(phone)
	if !ok {
		return Message{}, noPhone(phone)
	}
	a, ok := s.account(accountID)
	if !ok || s.dialects[a.Kind].address(a, p) == "" {
		return Message{}, errs.New(errs.NotFound, "account_not_found", "There is no such account.")
	}
	if strings.TrimSpace(text) == "" {
		return Message{}, errs.InvalidField("text_missing", "text", "An empty message says nothing.")
	}
	content := Content{Type: "text", Text: text}
	m := Message{
		ID: s.dialects[a.Kind].newID(p, content), Account: a.ID, Phone: p.Key, From: FromBusiness, At: s.clock.Now(),
		Content: content, Status: StatusDelivered,
	}
	s.book.add(m)
	s.out.send(a, s.about("echo", p, m))
	return m, nil
}

// about is a happening with the message that it quotes.
func (s *Sandbox) about(kind string, p Phone, m Message) happening {
	h := happening{kind: kind, phone: p, message: m}
	if q, ok := s.book.message(m.ReplyTo); ok {
		h.quoted = &q
	}
	return h
}

// mine finds a message of the phone's chat.
func (s *Sandbox) mine(phone, id string) (Account, Phone, Message, error) {
	p, ok := s.book.phone(phone)
	if !ok {
		return Account{}, Phone{}, Message{}, noPhone(phone)
	}
	m, ok := s.book.message(id)
	if !ok || m.Phone != phone {
		return Account{}, Phone{}, Message{}, errs.New(errs.NotFound, "message_not_found", "There is no such message on this phone.")
	}
	a, ok := s.account(m.Account)
	if !ok {
		return Account{}, Phone{}, Message{}, errs.New(errs.NotFound, "account_not_found", "The message's account is gone.")
	}
	return a, p, m, nil
}

// React puts the customer's emoji on a message; an empty one takes it away.
func (s *Sandbox) React(phone, messageID, emoji string) error {
	a, p, m, err := s.mine(phone, messageID)
	if err != nil {
		return err
	}
	s.book.change(m.ID, func(m *Message) bool { return setReaction(m, FromCustomer, emoji) })
	s.out.send(a, happening{kind: "reaction", phone: p, message: m, emoji: emoji, id: s.dialects[a.Kind].newID(p, Content{})})
	return nil
}

// setReaction replaces the map, because copies of the message share it.
func setReaction(m *Message, side, emoji string) bool {
	reactions := maps.Clone(m.Reactions)
	if reactions == nil {
		reactions = map[string]string{}
	}
	if reactions[side] = emoji; emoji == "" {
		delete(reactions, side)
	}
	m.Reactions = reactions
	return true
}

// Edit changes the words of a customer's own message.
func (s *Sandbox) Edit(phone, messageID, text string) error {
	a, p, m, err := s.mine(phone, messageID)
	if err != nil {
		return err
	}
	if m.From != FromCustomer || m.Deleted || !slices.Contains([]string{"text", "image", "video", "document"}, m.Content.Type) ||
		strings.TrimSpace(text) == "" {
		return errs.New(errs.Invalid, "edit_impossible", "Only one's own text or caption can be edited.")
	}
	m, _ = s.book.change(m.ID, func(m *Message) bool { m.Content.Text, m.Edited, m.Edits = text, true, m.Edits+1; return true })
	h := s.about("edit", p, m)
	h.id = s.dialects[a.Kind].newID(p, Content{})
	s.out.send(a, h)
	return nil
}

// Delete withdraws a customer's own message for both sides.
func (s *Sandbox) Delete(phone, messageID string) error {
	a, p, m, err := s.mine(phone, messageID)
	if err != nil {
		return err
	}
	if m.From != FromCustomer || m.Deleted {
		return errs.New(errs.Invalid, "delete_impossible", "Only one's own message can be deleted.")
	}
	s.book.change(m.ID, func(m *Message) bool { m.Deleted, m.Content = true, Content{Type: m.Content.Type}; return true })
	s.out.send(a, happening{kind: "deletion", phone: p, message: m, id: s.dialects[a.Kind].newID(p, Content{})})
	return nil
}

// AddMedia keeps a file of one side and returns what refers to it.
func (s *Sandbox) AddMedia(side, mime, name string, content []byte) (Media, error) {
	sum := sha256.Sum256(content)
	m := Media{
		ID: mediaID(), MIME: mime, Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), At: s.clock.Now(),
		From: side,
	}
	if err := s.book.addMedia(m, content); err != nil {
		return Media{}, fmt.Errorf("sandbox: %w", err)
	}
	return m, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// mediaID is all digits, as providers' are.
func mediaID() string {
	sum := sha256.Sum256([]byte(ids.Token()))
	return fmt.Sprintf("7%014d", binary.BigEndian.Uint64(sum[:])%1e14)
}

// take receives a message of the business on a phone, and reports on it as the phone goes on. The returned hook is
// the first report, nil where there is none.
func (s *Sandbox) take(a Account, p Phone, m Message) *hook {
	inside := s.windowOpen(p, a)
	m.Account, m.Phone, m.From, m.At, m.Status = a.ID, p.Key, FromBusiness, s.clock.Now(), StatusSent
	s.traffic.replied(p.Key)
	if fault, failed := s.faults.draw(FaultUndeliver); failed {
		m.Status, m.Error = StatusFailed, "reported as failed, as asked for"
		s.book.add(m)
		return s.out.send(a, happening{kind: "status", phone: p, message: m, status: StatusFailed, failure: fault.Code, inside: inside})
	}
	s.book.add(m)
	if s.faults.hit(FaultScrambled) {
		s.book.change(m.ID, func(m *Message) bool { m.Status = StatusRead; return true })
		for _, status := range []string{StatusRead, StatusDelivered, StatusSent} {
			s.out.send(a, happening{kind: "status", phone: p, message: m, status: status, inside: inside})
		}
		return nil
	}
	first := s.out.send(a, happening{kind: "status", phone: p, message: m, status: StatusSent, inside: inside})
	s.later(deliveredAfter, func() { s.arrive(m.ID) })
	return first
}

// windowOpen says whether the business may write freely to this customer now.
func (s *Sandbox) windowOpen(p Phone, a Account) bool {
	age, ever := s.silence(p, a)
	return ever && age < 24*time.Hour
}

// silence is how long ago the customer last wrote to the account, if ever.
func (s *Sandbox) silence(p Phone, a Account) (time.Duration, bool) {
	last := s.book.lastFromCustomer(p.Key, a.ID)
	return s.clock.Now().Sub(last), !last.IsZero()
}

// later runs f after a while, unless the sandbox is closed by then.
func (s *Sandbox) later(after time.Duration, f func()) {
	time.AfterFunc(after, func() {
		select {
		case <-s.closed:
		default:
			f()
		}
	})
}

// arrive delivers a message to its phone, if that is on.
func (s *Sandbox) arrive(id string) {
	if m, ok := s.book.message(id); ok {
		if p, ok := s.book.phone(m.Phone); ok && !p.Off && s.progress(p, m.ID, StatusDelivered) {
			s.later(readAfter, func() { s.see(id) })
		}
	}
}

// see reads a message, if its owner reads.
func (s *Sandbox) see(id string) {
	if m, ok := s.book.message(id); ok {
		if p, ok := s.book.phone(m.Phone); ok && !p.Off && !p.NoRead && rank(m.Status) >= rank(StatusDelivered) {
			s.progress(p, id, StatusRead)
		}
	}
}

// Play listens to a voice message of the business.
func (s *Sandbox) Play(phone, messageID string) error {
	_, p, m, err := s.mine(phone, messageID)
	if err != nil {
		return err
	}
	if m.From == FromBusiness && m.Content.Type == "voice" {
		s.progress(p, m.ID, StatusPlayed)
	}
	return nil
}

// progress moves a message of the business forward and reports it; it says whether it moved.
func (s *Sandbox) progress(p Phone, id, status string) bool {
	m, moved := s.book.change(id, func(m *Message) bool {
		if rank(m.Status) >= rank(status) || m.Status == StatusFailed {
			return false
		}
		m.Status = status
		return true
	})
	if !moved {
		return false
	}
	if a, ok := s.account(m.Account); ok {
		s.out.send(a, happening{kind: "status", phone: p, message: m, status: status, inside: s.windowOpen(p, a)})
	}
	return true
}

// read marks the customer's messages up to this one as read by the business.
func (s *Sandbox) read(upTo Message) {
	for _, m := range s.book.chat(upTo.Phone) {
		if m.From == FromCustomer && m.Account == upTo.Account && !m.At.After(upTo.At) {
			s.book.change(m.ID, func(m *Message) bool {
				changed := m.Status != StatusRead
				m.Status = StatusRead
				return changed
			})
		}
	}
}
