package mailbox

import (
	"context"
	"net/url"
	"time"

	"github.com/emersion/go-imap/v2"
)

// importBatch is how many old mails are taken before it is looked for new ones again.
const importBatch = 20

// importSome takes some of the mails from before the connection, those that came in first: what was sent answers them. It reports whether
// more are left.
func (r *reading) importSome(ctx context.Context) (more bool, err error) {
	if r.set.History == 0 {
		return false, nil
	}
	if r.st.History == nil {
		if err := r.beginHistory(); err != nil {
			return false, broken(err)
		}
	}
	h := *r.st.History
	r.st.History = &h
	switch {
	case !h.Inbox.over():
		err = r.importFrom(ctx, r.set.Folder, &h.Inbox)
	case !h.Sent.over() && r.sent != "":
		err = r.importFrom(ctx, r.sent, &h.Sent)
	default:
		h.Total = h.Done // what went away meanwhile is not missed
		return false, r.keep(ctx)
	}
	if err != nil {
		return false, err
	}
	return true, r.keep(ctx)
}

// beginHistory counts what is to be imported: what lay in the folders before all that is new.
func (r *reading) beginHistory() error {
	h := &history{Since: r.client.clock.Now().Add(-time.Duration(r.set.History) * 24 * time.Hour)}
	for _, of := range []struct {
		folder string
		at     cursor
		span   *span
	}{{r.set.Folder, r.st.Inbox, &h.Inbox}, {r.sent, r.st.Sent, &h.Sent}} {
		if of.folder == "" || of.at.Next <= 1 {
			continue
		}
		if _, err := r.selectFolder(of.folder, true); err != nil {
			return err
		}
		*of.span = span{Validity: of.at.Validity, Next: 1, Until: of.at.Next}
		found, err := r.old(h.Since, *of.span)
		if err != nil {
			return err
		}
		for _, some := range found {
			h.Total += int(some.Stop) - int(some.Start) + 1
		}
	}
	r.st.History = h
	return nil
}

// old returns what is to be imported of the open folder.
func (r *reading) old(since time.Time, of span) (imap.UIDSet, error) {
	return r.search(&imap.SearchCriteria{
		Since: since, UID: []imap.UIDSet{{{Start: imap.UID(of.Next), Stop: imap.UID(of.Until - 1)}}},
	})
}

// importFrom takes the next old mails of a folder.
func (r *reading) importFrom(ctx context.Context, folder string, left *span) error {
	data, err := r.selectFolder(folder, true)
	if err != nil {
		return noFolder(err)
	}
	if data.UIDValidity != left.Validity { // it is numbered anew: what was imported is known by its ids
		r.st.History = nil
		return nil
	}
	found, err := r.old(r.st.History.Since, *left)
	if err != nil {
		return broken(err)
	}
	some := 0
	for part := range windows(found, left.Next) {
		items, err := r.list(part, "Message-ID", fieldOurs)
		if err != nil {
			return broken(err)
		}
		for _, it := range items {
			if it.uid < left.Next || it.uid >= left.Until {
				continue
			}
			left.Next = it.uid + 1
			r.st.History.Done++
			if err := r.one(ctx, folder, left.Validity, it, url.Values{AskOld: {"1"}}); err != nil {
				return err
			}
			if some++; some == importBatch {
				return nil
			}
		}
	}
	left.Next = left.Until
	return nil
}
