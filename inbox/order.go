package inbox

import (
	"context"
	"time"

	"wasl/store"
)

// arrivalSeq is the place of what stood n-th in something that came at that time, among messages of the same provider time.
func arrivalSeq(at time.Time, n int) int64 { return at.UnixMilli()<<10 + int64(min(n, 1<<10-1)) }

// nextSeq is the place of what comes now: behind everything that is there, whatever this instance's clock says.
func (c *Conversation) nextSeq(place int64) int64 { return max(place, c.Seq+1) }

// placeIncoming shows a message that came in: what had to wait stands where it arrived, whoever overtook it.
func (s *Service) placeIncoming(ctx context.Context, in *incoming, conv *Conversation, m *Message) (err error) {
	if m.Seq = conv.nextSeq(in.arrived); in.resumed {
		m.Seq, err = s.freeSeq(ctx, m, in.arrived)
	}
	conv.showLast(m)
	return err
}

// freeSeq is the first place from there on that no message of the same time and conversation has.
func (s *Service) freeSeq(ctx context.Context, m *Message, place int64) (int64, error) {
	there, _, err := s.messages.Find(ctx, store.Query{
		Index: "thread", Eq: []any{m.WorkspaceID, m.Thread, m.SentAt}, Range: &store.Range{From: place}, Reverse: true, Limit: 200,
	})
	for _, other := range there {
		if other.Seq == place && other.ID != m.ID {
			place++
		}
	}
	return place, err
}

// receiveDuplicate is a message that is there already: where it came a second time while this webhook had to wait, it goes to where it
// arrived first.
func (s *Service) receiveDuplicate(ctx context.Context, in *incoming, m *Message) error {
	c := in.finish(&change{})
	if !in.resumed || m.Direction != In || m.Seq <= in.arrived {
		return s.commit(ctx, c)
	}
	conv, err := s.getConversation(ctx, m.ConversationID)
	if err != nil {
		return err
	}
	if m.Seq, err = s.freeSeq(ctx, m, in.arrived); err != nil {
		return err
	}
	if conv.LastMessageID == m.ID {
		newest, _, err := s.messages.Find(ctx, store.Query{Index: "thread", Eq: []any{m.WorkspaceID, m.Thread}, Limit: 2 + maxScheduled})
		if err != nil {
			return err
		}
		conv.LastMessageSeq = m.Seq
		for _, other := range newest {
			if other.ID != m.ID && !other.unsaid() {
				conv.showLast(other)
			}
		}
	}
	c.conv = conv
	if err := s.addMessage(ctx, c, messageUpdated, conv, m); err != nil {
		return err
	}
	return s.commit(ctx, c)
}
