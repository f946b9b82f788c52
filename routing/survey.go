package routing

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"wasl/channels"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

// Survey is one customer who was asked whether they are satisfied, after a conversation was resolved, and what they answered.
type Survey struct {
	store.Meta     `bson:",inline"`
	WorkspaceID    string    `bson:"workspace_id"`
	ConversationID string    `bson:"conversation_id"`
	ChannelID      string    `bson:"channel_id"`
	AgentID        string    `bson:"agent_id,omitempty"` // who had it when the customer was asked
	TeamID         string    `bson:"team_id,omitempty"`
	Secret         string    `bson:"secret"` // makes its link one that nobody guesses
	Language       string    `bson:"language"`
	Question       string    `bson:"question"`
	AskedAt        time.Time `bson:"asked_at"`
	Score          int       `bson:"score,omitempty"` // 1 to 5; 0: no answer
	Comment        string    `bson:"comment,omitempty"`
	AnsweredAt     time.Time `bson:"answered_at,omitempty"` // the first time
	Revoked        bool      `bson:"revoked,omitempty"`     // its link leads nowhere any more
}

// surveyed is when a contact was asked last.
type surveyed struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string    `bson:"workspace_id"`
	At          time.Time `bson:"at"`
}

var (
	surveySchema = store.Schema{Name: "surveys", Indexes: []store.Index{
		{Name: "conversation", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("conversation_id")}},
		{Name: "asked", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("asked_at")}},
		{
			Name: "answered", Fields: []store.Field{store.Asc("workspace_id"), store.Desc("answered_at")},
			Includes: []string{"score", "agent_id", "team_id", "channel_id"},
		},
	}}
	surveyedSchema = store.Schema{Name: "surveyed"}
)

const (
	// usualEvery is in how many days a person is asked at most once, where nobody says otherwise.
	usualEvery = 30
	// changeWithin is how long an answer may be changed.
	changeWithin = 24 * time.Hour
	// maxComment is the length of a comment in bytes.
	maxComment = 2000
	// bestScore is the highest score; the lowest is 1.
	bestScore = 5
	// surveyor is who asks.
	surveyor = "survey"
)

func surveyedID(workspaceID, contactID string) string {
	return ids.Derived("svd", workspaceID, contactID)
}

// followSurvey adds to the write of a resolving that the customer is asked, and to that of what they chose their answer.
func (s *Service) followSurvey(ctx context.Context, w *events.Write, c *inbox.Changed) error {
	if c.Chose() != "" {
		return s.takeChoice(ctx, w, c)
	}
	if c.After.Status != inbox.Resolved || c.Before.Status == inbox.Resolved || c.Created || !c.After.Wrote || !c.After.Served {
		return nil
	}
	all, err := s.auto.all(ctx, c.After.WorkspaceID)
	if err != nil {
		return err
	}
	soonest := -1
	for _, a := range all {
		if a.Enabled && a.Kind == Satisfaction && (soonest < 0 || a.DelayMinutes < soonest) {
			soonest = a.DelayMinutes
		}
	}
	if soonest < 0 {
		return nil
	}
	now := s.Clock.Now()
	timer, err := s.Jobs.Schedule(ctx, now.Add(time.Duration(soonest)*time.Minute), jobs.Spec{
		Kind: jobSurvey, WorkspaceID: c.After.WorkspaceID, Ref: c.After.ID, Share: c.After.ChannelKind, Key: []string{c.After.ID},
		Payload: []byte(strconv.FormatInt(now.UnixMilli(), 10)),
	})
	w.Changes = append(w.Changes, timer)
	return err
}

// survey asks the customer of a conversation that was resolved and still is, at most once for each resolving and as often as the
// workspace wants. It may run twice: the question has the resolving's id. What the channel does not allow is not asked, and the history
// says so.
func (s *Service) survey(ctx context.Context, job *jobs.Job) error {
	return store.Retry(ctx, func() error {
		if held, err := job.Held(ctx); err != nil || !held { // resolved anew since
			return err
		}
		g, err := s.Inbox.Greeting(ctx, job.WorkspaceID, job.Ref)
		if errors.Is(err, store.ErrNotFound) || err == nil && g.Status != inbox.Resolved {
			return nil
		}
		if err != nil {
			return err
		}
		all, err := s.auto.all(ctx, job.WorkspaceID)
		if err != nil {
			return err
		}
		a := meant(all, g.ChannelID, g.ChannelKind)[Satisfaction]
		if a == nil || g.Address == "" {
			return nil
		}
		millis, err := strconv.ParseInt(string(job.Payload), 10, 64)
		if err != nil {
			return err
		}
		if at := time.UnixMilli(millis).Add(time.Duration(a.DelayMinutes) * time.Minute); at.After(s.Clock.Now()) {
			return &jobs.Later{At: at, Reason: "on this channel customers are asked later"}
		}
		asked, err := s.askedLately(ctx, g, a.EveryDays)
		if err != nil || asked {
			return err
		}
		return s.askSatisfied(ctx, job, g, a)
	})
}

// askedLately reports whether the person was asked within so many days.
func (s *Service) askedLately(ctx context.Context, g inbox.Greeting, days int) (bool, error) {
	family, err := s.Inbox.Contacts.Family(ctx, g.WorkspaceID, g.Origin)
	if err != nil {
		return false, err
	}
	for n, id := range family {
		family[n] = surveyedID(g.WorkspaceID, id)
	}
	found, err := s.surveyed.GetMany(ctx, family...)
	since := s.Clock.Now().AddDate(0, 0, -days)
	return slices.ContainsFunc(found, func(of *surveyed) bool { return of.At.After(since) }), err
}

// askSatisfied writes the question, with the survey and the job's end.
func (s *Service) askSatisfied(ctx context.Context, job *jobs.Job, g inbox.Greeting, a *AutoMessage) error {
	country, err := s.Users.Country(ctx, g.WorkspaceID)
	if err != nil {
		return err
	}
	now := store.Millis(s.Clock.Now())
	survey := &Survey{
		Meta: store.Meta{ID: ids.Derived("srv", g.ID, string(job.Payload))}, WorkspaceID: g.WorkspaceID, ConversationID: g.ID,
		ChannelID: g.ChannelID, AgentID: g.AssigneeID, TeamID: g.TeamID, Secret: ids.Token(), AskedAt: now,
	}
	if _, err := s.surveys.Get(ctx, survey.ID); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	survey.Question, survey.Language = a.Text.pick(g.Language, languageOf(country))
	ch, err := s.Inbox.Channels.Of(ctx, g.WorkspaceID, g.ChannelID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	by := access.Actor{Kind: access.System, ID: surveyor, Cause: access.Cause{Kind: access.Timer}}
	w := &events.Write{Changes: job.Done()}
	_, err = s.Inbox.Send(ctx, w, by, g.WorkspaceID, g.ID, inbox.NewMessage{
		ClientID: survey.ID, Content: survey.content(ch.Can.Interactive, s.Inbox.Channels.PublicURL), Quiet: true,
	})
	var refused *errs.Error
	if errors.As(err, &refused) {
		w = &events.Write{Changes: job.Done()}
		why := events.Change{Field: "survey_not_sent", After: refused.Code}
		if err := s.Inbox.Note(ctx, w, by, g.WorkspaceID, g.ID, why); err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	}
	if err != nil {
		return err
	}
	last, keep := &surveyed{Meta: store.Meta{ID: surveyedID(g.WorkspaceID, g.Origin)}, WorkspaceID: g.WorkspaceID}, s.surveyed.Insert
	if found, err := s.surveyed.GetMany(ctx, last.ID); err != nil {
		return err
	} else if len(found) > 0 {
		last, keep = found[0], s.surveyed.Replace
	}
	last.At = now
	w.Changes = append(w.Changes, s.surveys.Insert(survey), keep(last))
	return s.Bus.Commit(ctx, w)
}

// content is the question as the channel can ask it: with buttons, with a list, or with a link to a page.
func (s *Survey) content(can channels.InteractiveRules, publicURL string) channels.Content {
	words := surveyWords[s.Language]
	choices := make([]channels.Choice, 0, bestScore)
	for score := bestScore; score > 0; score-- {
		choices = append(choices, channels.Choice{
			ID: fmt.Sprintf("%s%s:%d", inbox.QuestionChoice, s.ID, score), Title: fmt.Sprintf("%d · %s", score, words.scores[score-1]),
		})
	}
	c := channels.Content{Type: channels.TypeInteractive, Text: s.Question}
	switch {
	case can.Buttons >= bestScore:
		c.Interactive = &channels.Interactive{Kind: channels.Buttons, Buttons: choices}
	case can.Rows >= bestScore:
		c.Interactive = &channels.Interactive{Kind: channels.List, Button: words.open, Sections: []channels.Section{{Rows: choices}}}
	default:
		c = channels.Content{Type: channels.TypeText, Text: s.Question + "\n" + strings.TrimSuffix(publicURL, "/") + surveyPath + s.token()}
	}
	return c
}

// surveyPath is where the pages of surveys are.
const surveyPath = "/s/"

// token names the survey in its link.
func (s *Survey) token() string { return strings.TrimPrefix(s.ID, "srv_") + "." + s.Secret }

// surveyOf returns the survey of a link, or store.ErrNotFound where there is none, or it leads nowhere any more.
func (s *Service) surveyOf(ctx context.Context, token string) (*Survey, error) {
	id, secret, _ := strings.Cut(token, ".")
	of, err := s.surveys.Get(ctx, "srv_"+id)
	if err == nil && (of.Revoked || subtle.ConstantTimeCompare([]byte(of.Secret), []byte(secret)) != 1) {
		return nil, store.ErrNotFound
	}
	return of, err
}

// answer takes an answer, which may be changed for a day; false: it is too late, or nothing new.
func (s *Survey) answer(score int, comment *string, now time.Time) bool {
	if score < 1 || score > bestScore || !s.AnsweredAt.IsZero() && now.Sub(s.AnsweredAt) > changeWithin {
		return false
	}
	said := s.Comment
	if comment != nil {
		said = *comment
	}
	if score == s.Score && said == s.Comment {
		return false
	}
	if s.Score, s.Comment = score, said; s.AnsweredAt.IsZero() {
		s.AnsweredAt = store.Millis(now)
	}
	return true
}

func (s *Survey) rating(now time.Time) inbox.Rating {
	return inbox.Rating{Score: s.Score, Comment: s.Comment, At: store.Millis(now)}
}

// takeChoice adds to the write of what a customer chose that it is their answer to the survey that offered it.
func (s *Service) takeChoice(ctx context.Context, w *events.Write, c *inbox.Changed) error {
	id, score, _ := strings.Cut(strings.TrimPrefix(c.Chose(), inbox.QuestionChoice), ":")
	of, err := s.surveys.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (of.ConversationID != c.After.ID || of.Revoked) {
		return nil
	}
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(score) // what is no number is no score
	if now := s.Clock.Now(); of.answer(n, nil, now) {
		w.Changes = append(w.Changes, s.surveys.Replace(of))
		c.Rate(of.rating(now))
	}
	return nil
}

// AnswerSurvey takes the answer that a customer gave on the page of a link, and returns the survey as it is then.
func (s *Service) AnswerSurvey(ctx context.Context, token string, score int, comment string) (of *Survey, err error) {
	err = store.Retry(ctx, func() error {
		if of, err = s.surveyOf(ctx, token); err != nil {
			return err
		}
		now := s.Clock.Now()
		if !of.answer(score, &comment, now) {
			return nil
		}
		w := &events.Write{Changes: []store.Change{s.surveys.Replace(of)}}
		rating := of.rating(now)
		by := access.Actor{Kind: access.Contact, Cause: access.Cause{Kind: access.Request, ID: of.ID}}
		if _, err := s.Inbox.Edit(ctx, w, by, of.WorkspaceID, of.ConversationID, inbox.Edit{Rating: &rating}); err != nil {
			return err
		}
		return s.Bus.Commit(ctx, w)
	})
	return of, err
}

// RevokeSurveys has the links of the surveys of a conversation that the viewer may see lead nowhere.
func (s *Service) RevokeSurveys(ctx context.Context, v access.Viewer, conversationID string) error {
	if _, err := s.Inbox.Conversation(ctx, v, conversationID); err != nil {
		return err
	}
	return store.Retry(ctx, func() error {
		q := store.Query{Index: "conversation", Eq: []any{v.WorkspaceID, conversationID}, Limit: surveyPage}
		found, _, err := s.surveys.Find(ctx, q)
		if err != nil {
			return err
		}
		w := &events.Write{}
		for _, of := range found {
			if !of.Revoked {
				of.Revoked = true
				w.Changes = append(w.Changes, s.surveys.Replace(of))
			}
		}
		return s.Bus.Commit(ctx, w)
	})
}
