package mailbox

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-imap/v2"

	"wasl/channels"
)

// operate does what is to be done in the mailbox, and reports whether there was anything. What it did before a cut it does again, which
// changes nothing.
func (r *reading) operate(ctx context.Context) (did bool, err error) {
	list, err := r.in.Operations(ctx)
	if err != nil {
		return false, err
	}
	for _, op := range list {
		err := r.perform(ctx, op)
		var said *imap.Error
		var refused error
		if errors.As(err, &said) && !busy(said.Text) {
			refused = notDone(op.Kind, said)
		} else if err != nil {
			return true, broken(err)
		}
		if err := r.in.Done(ctx, op, refused); err != nil {
			return true, err
		}
	}
	return len(list) > 0, nil
}

// notDone says what a server does not let us do. It hinders nothing else.
func notDone(kind channels.OperationKind, err error) *channels.SendError {
	e := trouble(channels.Refused, "flag_not_set", "The mail server does not let mails be marked as read or answered",
		"Nothing is lost. Give the account the right to change the mailbox.")
	if kind == channels.KeepCopy {
		e = trouble(channels.Refused, "copy_not_kept", "The mail server does not take the copy of what was sent",
			"The mail was sent. Its copy is missing among what was sent: is the mailbox full?")
	}
	e.Cause = quiet(err)
	return e
}

func (r *reading) perform(ctx context.Context, op channels.Operation) error {
	switch op.Kind {
	case channels.KeepCopy:
		return r.keepCopy(ctx, op)
	case channels.MarkSeen:
		return r.mark(op.IDs, imap.FlagSeen)
	case channels.MarkAnswered:
		return r.mark(op.IDs, imap.FlagSeen, imap.FlagAnswered)
	}
	return nil
}

// find returns where a mail lies in the open folder.
func (r *reading) find(id string) (imap.UIDSet, error) {
	id, _, _ = strings.Cut(id, " ") // the inbox tells mails of one id apart by what follows
	if id == "" || strings.HasSuffix(id, "@local") || strings.ContainsFunc(id, func(c rune) bool { return c < ' ' || c > '~' }) {
		return nil, nil
	}
	return r.search(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + id + ">"}}})
}

// mark sets flags of mails in the folder that is read.
func (r *reading) mark(of []string, flags ...imap.Flag) error {
	if _, err := r.selectFolder(r.set.Folder, false); err != nil {
		return err
	}
	for _, id := range of {
		found, err := r.find(id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			continue
		}
		err = r.command(talk, func() error {
			return r.session.client.Store(found, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: flags}, nil).Close()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keepCopy puts a mail among what was sent, unless it lies there already: a host may do so by itself, and we may have before a cut.
func (r *reading) keepCopy(ctx context.Context, op channels.Operation) error {
	raw, err := op.Body(ctx)
	if err != nil || raw == nil {
		return err
	}
	if r.sent == "" {
		if err := r.command(talk, func() error { return r.session.client.Create("Sent", nil).Wait() }); err != nil {
			return err
		}
		r.sent = "Sent"
	}
	if _, err := r.selectFolder(r.sent, true); err != nil {
		return err
	}
	for _, id := range op.IDs {
		if found, err := r.find(id); err != nil || len(found) > 0 {
			return err
		}
	}
	return r.command(talk, func() error {
		put := r.session.client.Append(r.sent, int64(len(raw)), &imap.AppendOptions{
			Flags: []imap.Flag{imap.FlagSeen}, Time: r.client.clock.Now(),
		})
		if _, err := put.Write(raw); err != nil {
			return errors.Join(err, put.Close())
		}
		if err := put.Close(); err != nil {
			return err
		}
		_, err := put.Wait()
		return err
	})
}
