package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// between is how long a connection may stay silent while nothing is asked.
const between = 30 * time.Minute

// session is a connection to an IMAP server that let us in. Its methods are called one at a time.
type session struct {
	client *imapclient.Client
	wire   *wire
	caps   imap.CapSet
	news   chan struct{} // the server told of new mails
	unhook func() bool
}

// command does something with the server, which may say so many bytes.
func (s *session) command(bytes int64, do func() error) (err error) {
	s.wire.allow(silence, bytes)
	defer s.wire.allow(between, talk)
	defer func() {
		var said *imap.Error
		if cause := s.wire.cause.Load(); err != nil && cause != nil && !errors.As(err, &said) {
			err = fmt.Errorf("%w: %w", *cause, err)
		}
	}()
	defer panicked(&err)
	return do()
}

// open connects and signs in. The session ends with the context.
func (c *Client) open(ctx context.Context, set Settings) (s *session, err error) {
	err = c.withSecret(ctx, set, func(secret string) error {
		s, err = c.openWith(ctx, set, secret)
		return err
	})
	return s, err
}

func (c *Client) openWith(ctx context.Context, set Settings, secret string) (*session, error) {
	w, unhook, err := c.connect(ctx, set.IMAP, set.Pins)
	if err != nil {
		return nil, unreachable(err)
	}
	s := &session{wire: w, news: make(chan struct{}, 1), unhook: unhook}
	options := &imapclient.Options{
		TLSConfig: tlsConfig(set.IMAP.Host, set.Pins),
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages == nil {
				return
			}
			select {
			case s.news <- struct{}{}:
			default:
			}
		}},
	}
	if set.IMAP.StartTLS {
		s.client, err = imapclient.NewStartTLS(w, options)
	} else {
		s.client = imapclient.New(w, options)
		err = s.client.WaitGreeting()
	}
	if err != nil {
		_ = w.Close()
		unhook()
		var said *imap.Error
		if errors.As(err, &said) && busy(said.Text) {
			return nil, busyServer(err)
		}
		return nil, unreachable(err)
	}
	if err := s.signIn(set, secret); err != nil {
		s.close()
		return nil, refusedSignIn(err)
	}
	return s, nil
}

// signIn proves who we are, and learns what the server can do.
func (s *session) signIn(set Settings, secret string) error {
	err := s.command(talk, func() error {
		caps := s.client.Caps()
		switch {
		case set.OAuth != "":
			return s.client.Authenticate(xoauth2{set.User, secret})
		case caps.Has(imap.AuthCap("PLAIN")):
			return s.client.Authenticate(sasl.NewPlainClient("", set.User, secret))
		}
		return s.client.Login(set.User, secret).Wait()
	})
	if err != nil {
		return err
	}
	return s.command(talk, func() error {
		s.caps = s.client.Caps()
		if s.caps.Has(imap.CapID) { // some hosts let only programs read that say their name
			var said *imap.Error
			if _, err := s.client.ID(&imap.IDData{Name: "Wasl"}).Wait(); err != nil && !errors.As(err, &said) {
				return err
			}
		}
		return nil
	})
}

// close ends the session, with a word where the server still listens.
func (s *session) close() {
	if s.unhook() { // else the connection is cut already
		_ = s.command(talk, func() error {
			s.wire.allow(2*time.Second, talk)
			return s.client.Logout().Wait()
		})
	}
	_ = s.client.Close()
}

// selectFolder opens a folder and returns how it is numbered.
func (s *session) selectFolder(name string, readOnly bool) (data *imap.SelectData, err error) {
	err = s.command(talk, func() error {
		data, err = s.client.Select(name, &imap.SelectOptions{ReadOnly: readOnly}).Wait()
		return err
	})
	if err != nil {
		return nil, err
	}
	if data.UIDNext == 0 { // the standard lets a server keep it to itself
		err = s.command(talk, func() error {
			status, err := s.client.Status(name, &imap.StatusOptions{UIDNext: true}).Wait()
			if err == nil {
				data.UIDNext = status.UIDNext
			}
			return err
		})
	}
	if err == nil && (data.UIDNext == 0 || data.UIDValidity == 0) {
		err = fmt.Errorf("%w: a folder is not numbered", errProtocol)
	}
	return data, err
}

// search returns the UIDs of what matches in the open folder.
func (s *session) search(criteria *imap.SearchCriteria) (found imap.UIDSet, err error) {
	var options *imap.SearchOptions
	if s.caps.Has(imap.CapESearch) {
		options = &imap.SearchOptions{ReturnAll: true}
	}
	err = s.command(talk, func() error {
		data, err := s.client.UIDSearch(criteria, options).Wait()
		if err == nil {
			found, _ = data.All.(imap.UIDSet)
		}
		return err
	})
	return found, err
}

// item is what a server says of a mail without its text.
type item struct {
	uid  uint32
	size int64
	date time.Time // when it came into the folder
	head []byte    // those fields of its head that were asked for
}

// list returns what the server says of mails, by ascending UID; those that are gone are left out. fields are of the head.
func (s *session) list(of imap.UIDSet, fields ...string) (items []item, err error) {
	options := &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}
	if len(fields) > 0 {
		options.BodySection = []*imap.FetchItemBodySection{{Specifier: imap.PartSpecifierHeader, HeaderFields: fields, Peek: true}}
	}
	err = s.command(talk, func() error {
		found, err := s.client.Fetch(of, options).Collect()
		for _, m := range found {
			if m.UID == 0 || !of.Contains(m.UID) { // news about another one
				continue
			}
			it := item{uid: uint32(m.UID), size: m.RFC822Size, date: m.InternalDate}
			if len(m.BodySection) > 0 {
				it.head = m.BodySection[0].Bytes
			}
			items = append(items, it)
		}
		return err
	})
	slices.SortFunc(items, func(a, b item) int { return int(int64(a.uid) - int64(b.uid)) })
	return slices.CompactFunc(items, func(a, b item) bool { return a.uid == b.uid }), err
}

// body returns at most so many first bytes of a mail, or its head alone; nil: it is gone.
func (s *session) body(uid uint32, most int64, headOnly bool) (data []byte, err error) {
	section := &imap.FetchItemBodySection{Peek: true}
	if headOnly {
		section.Specifier = imap.PartSpecifierHeader
	} else if most < MaxMail {
		section.Partial = &imap.SectionPartial{Size: most}
	}
	err = s.command(most+talk, func() error {
		options := &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}}
		cmd := s.client.Fetch(imap.UIDSetNum(imap.UID(uid)), options)
		var failed error
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			for it := m.Next(); it != nil; it = m.Next() {
				if part, is := it.(imapclient.FetchItemDataBodySection); is && part.Literal != nil && data == nil {
					data, failed = io.ReadAll(io.LimitReader(part.Literal, most))
				}
			}
		}
		return errors.Join(failed, cmd.Close())
	})
	return data, err
}

// wait waits for news, or for something to do, but not longer than so long, by IDLE where the server can. It reports whether there may be
// news.
func (s *session) wait(ctx context.Context, long time.Duration, more <-chan struct{}) (news bool, err error) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	sleep := func() {
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.news:
			news = true
		case <-more:
		case <-s.client.Closed():
		}
	}
	if !s.caps.Has(imap.CapIdle) {
		sleep()
		err = s.command(talk, func() error { return s.client.Noop().Wait() })
		select {
		case <-s.news:
			news = true
		default:
		}
		return news, err
	}
	var idle *imapclient.IdleCommand
	if err := s.command(talk, func() (err error) {
		idle, err = s.client.Idle()
		return err
	}); err != nil {
		return false, err
	}
	sleep()
	err = s.command(talk, func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	return news, err
}

// sentNames are what programs call the folder of sent mails, where the server does not mark it.
var sentNames = []string{
	"sent", "sent items", "sent messages", "sent mail", "sent-mail", "gesendet", "gesendete elemente",
	"gesendete objekte", "éléments envoyés", "envoyés", "messages envoyés", "enviados", "elementos enviados",
	"itens enviados", "mensagens enviadas", "posta inviata", "inviata", "отправленные", "отправленные элементы", "נשלח",
	"פריטים שנשלחו", "דואר יוצא", "العناصر المرسلة", "البريد المرسل", "المرسل", "verzonden items", "verzonden",
	"wysłane", "elementy wysłane", "skickat", "gönderilmiş öğeler", "已发送", "送信済みアイテム",
}

// sentFolder finds the folder of sent mails; empty: there is none.
func (s *session) sentFolder() (name string, err error) {
	options := &imap.ListOptions{SelectSpecialUse: true, ReturnSpecialUse: true}
	if !s.caps.Has(imap.CapSpecialUse) || !s.caps.Has(imap.CapListExtended) {
		options = nil
	}
	var found []*imap.ListData
	ask := func() error {
		return s.command(talk, func() error {
			found, err = s.client.List("", "*", options).Collect()
			return err
		})
	}
	if err := ask(); err != nil {
		return "", err
	}
	if marked := marked(found); marked != "" || options == nil {
		return cmp.Or(marked, named(found)), nil
	}
	options = nil
	if err := ask(); err != nil {
		return "", err
	}
	return named(found), nil
}

func marked(folders []*imap.ListData) string {
	for _, f := range folders {
		if slices.Contains(f.Attrs, imap.MailboxAttrSent) && !slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) {
			return f.Mailbox
		}
	}
	return ""
}

func named(folders []*imap.ListData) (name string) {
	best := len(sentNames)
	for _, f := range folders {
		last := f.Mailbox
		if f.Delim != 0 {
			last = last[strings.LastIndex(last, string(f.Delim))+1:]
		}
		if n := slices.Index(sentNames, strings.ToLower(last)); n >= 0 && n < best && !slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) {
			best, name = n, f.Mailbox
		}
	}
	return name
}

// guessSent finds the folder of sent mails on a server whose list of folders cannot be read.
func (s *session) guessSent() (string, error) {
	for _, name := range []string{"Sent", "Sent Items", "Sent Messages", "INBOX.Sent", "INBOX/Sent"} {
		err := s.command(talk, func() error {
			_, err := s.client.Status(name, &imap.StatusOptions{UIDNext: true}).Wait()
			return err
		})
		var said *imap.Error
		if err == nil {
			return name, nil
		} else if !errors.As(err, &said) {
			return "", err
		}
	}
	return "", nil
}
