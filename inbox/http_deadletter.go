package inbox

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/internal/web"
	"wasl/notify"
)

// bodyShown is how much of a body a list carries; the whole of it can be fetched.
const bodyShown = 64 << 10

// DeadLetterView is something that could not be done, kept for people.
type DeadLetterView struct {
	ID             string   `json:"id"`
	Kind           string   `json:"kind" doc:"inbound: a webhook; media: a file; templates; send, upload, mark_read, wake: work of a conversation"`
	Ref            string   `json:"ref" doc:"The channel, conversation or message it is about"`
	ChannelID      string   `json:"channel_id"`
	ConversationID string   `json:"conversation_id" doc:"Where it is work of a conversation that is still there"`
	Reason         string   `json:"reason" enum:"not_understood,gave_up,broken,missing"`
	Error          string   `json:"error" doc:"What exactly happened"`
	Attempts       int      `json:"attempts" doc:"How often it was tried"`
	Body           string   `json:"body" doc:"Of a webhook: as it came, its first 64 KiB"`
	BodySize       int      `json:"body_size" doc:"In bytes"`
	CreatedAt      web.Time `json:"created_at" doc:"When it came"`
	FailedAt       web.Time `json:"failed_at" doc:"When it was given up"`
}

// DiscardedView says who let a dead letter go.
type DiscardedView struct {
	Letter DeadLetterView `json:"letter"`
	By     Author         `json:"by"`
	At     web.Time       `json:"at"`
}

// DeadCount is how many dead letters there are; it is also the data of dead_letters.changed.
type DeadCount struct {
	Count int `json:"count" doc:"At most 1000"`
}

func (s *Service) viewDeadLetter(ctx context.Context, j *jobs.Job) (DeadLetterView, error) {
	v := DeadLetterView{
		ID: j.ID, Kind: j.Kind, Ref: j.Ref, Attempts: j.Attempts + 1, CreatedAt: web.At(j.CreatedAt),
		FailedAt: web.At(j.DiedAt),
	}
	v.Reason, v.Error = j.Reason()
	body, size, err := s.Channels.Body(ctx, j, bodyShown)
	v.BodySize, v.Body = int(size), strings.ToValidUTF8(string(body), "\uFFFD")
	if j.Kind == channels.JobInbound || j.Kind == channels.JobTemplates {
		v.ChannelID = j.Ref
	}
	return v, err
}

// deadLetterViews shows dead letters with the conversations that they are about.
func (s *Service) deadLetterViews(ctx context.Context, found []*jobs.Job) ([]DeadLetterView, error) {
	views := make([]DeadLetterView, 0, len(found))
	for _, j := range found {
		view, err := s.viewDeadLetter(ctx, j)
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	for n, j := range found {
		id := j.Ref
		switch j.Kind {
		case jobMedia:
			of, err := s.messages.GetMany(ctx, j.Ref)
			if err != nil {
				return nil, err
			}
			if len(of) == 0 {
				continue
			}
			id = of[0].ConversationID
		case jobSend, jobSendLarge, jobUpload, jobWake, jobMark:
		default:
			continue
		}
		convs, err := s.conversations.GetMany(ctx, id)
		if err != nil {
			return nil, err
		}
		if len(convs) > 0 {
			views[n].ConversationID, views[n].ChannelID = id, convs[0].ChannelID
		}
	}
	return views, nil
}

func (s *Service) deadLetterRoutes(api huma.API, guard *auth.Service) {
	op := func(method, path, id, summary string, may access.Permission) huma.Operation {
		return guard.Operation(huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"Operations"}},
			may)
	}
	huma.Register(api, op(http.MethodGet, "/api/v1/dead-letters", "list-dead-letters", "What could not be understood or done",
		access.ManageDeadLetters), s.listDead)
	huma.Register(api, op(http.MethodGet, "/api/v1/dead-letters/count", "count-dead-letters", "How much that is", access.ManageDeadLetters),
		s.countDead)
	huma.Register(api, op(http.MethodGet, "/api/v1/dead-letters/discarded", "list-discarded-letters",
		"What was let go in the last 90 days, and by whom", access.ManageDeadLetters), s.listDiscarded)
	all := op(http.MethodPost, "/api/v1/dead-letters/replay", "replay-dead-letters",
		"Try all of them again, a page at a time, the oldest first", access.ManageDeadLetters)
	all.Description = "Repeat it with next_cursor until that is empty. What fails again is not tried a second time on the way."
	huma.Register(api, all, s.replayAllDead)
	huma.Register(api, op(http.MethodPost, "/api/v1/dead-letters/{id}/replay", "replay-dead-letter", "Try it again",
		access.ManageDeadLetters), s.replayDead)
	huma.Register(api, op(http.MethodDelete, "/api/v1/dead-letters/{id}", "delete-dead-letter", "Let it go; who did is kept for 90 days",
		access.ManageDeadLetters), s.deleteDead)
	body := op(http.MethodGet, "/api/v1/dead-letters/{id}/body", "get-dead-letter-body", "The whole body of a webhook, as it came",
		access.ManageDeadLetters)
	body.Responses = map[string]*huma.Response{"200": {
		Description: "The body",
		Content:     map[string]*huma.MediaType{"application/octet-stream": {}},
	}}
	huma.Register(api, body, s.deadBody)
}

// DeadFilter chooses dead letters.
type DeadFilter struct {
	Kind    string `query:"kind" maxLength:"40"`
	Channel string `query:"channel" maxLength:"100" doc:"Of webhooks: the channel at which they came"`
}

func (f DeadFilter) query(ctx context.Context) jobs.DeadQuery {
	return jobs.DeadQuery{WorkspaceID: auth.From(ctx).WorkspaceID, Kind: f.Kind, Ref: f.Channel}
}

type deadListInput struct {
	web.Page
	DeadFilter
}

func (s *Service) listDead(ctx context.Context, in *deadListInput) (*web.Body[web.List[DeadLetterView]], error) {
	q := in.query(ctx)
	q.Cursor, q.Limit = in.Cursor, in.Limit
	found, next, err := s.Jobs.DeadLetters(ctx, q)
	if err != nil {
		return nil, err
	}
	views, err := s.deadLetterViews(ctx, found)
	return web.Items(views, next), err
}

func (s *Service) countDead(ctx context.Context, _ *struct{}) (*web.Body[DeadCount], error) {
	n, err := s.Jobs.CountDead(ctx, auth.From(ctx).WorkspaceID)
	return web.Answer(DeadCount{n}), err
}

func (s *Service) listDiscarded(ctx context.Context, in *web.Page) (*web.Body[web.List[DiscardedView]], error) {
	workspace := auth.From(ctx).WorkspaceID
	found, next, err := s.Jobs.DiscardedLetters(ctx, workspace, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	views := make([]DiscardedView, 0, len(found))
	for _, d := range found {
		by := Author{Type: ByAgent, ID: d.By}
		if u, err := s.Users.User(ctx, workspace, d.By); err == nil {
			by.Name = u.Name
		}
		letter, err := s.viewDeadLetter(ctx, &d.Job)
		if err != nil {
			return nil, err
		}
		views = append(views, DiscardedView{Letter: letter, By: by, At: web.At(d.At)})
	}
	return web.Items(views, next), nil
}

func (s *Service) replayDead(ctx context.Context, in *idInput) (*web.Body[DeadLetterView], error) {
	j, err := s.Jobs.DeadLetter(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	view, err := s.viewDeadLetter(ctx, j)
	if err != nil {
		return nil, err
	}
	if err := s.Jobs.Replay(ctx, j); err != nil {
		return nil, err
	}
	s.deadChanged(ctx, j.WorkspaceID)
	return web.Answer(view), nil
}

// ReplayedView says how many dead letters are tried again.
type ReplayedView struct {
	Replayed   int    `json:"replayed"`
	NextCursor string `json:"next_cursor" doc:"Pass it as cursor to go on with the rest; empty: these were the last"`
}

func (s *Service) replayAllDead(ctx context.Context, in *deadListInput) (*web.Body[ReplayedView], error) {
	q := in.query(ctx)
	q.Cursor, q.Limit = in.Cursor, in.Limit
	n, next, err := s.Jobs.ReplayAll(ctx, q)
	if n > 0 {
		s.deadChanged(ctx, q.WorkspaceID)
	}
	return web.Answer(ReplayedView{n, next}), err
}

func (s *Service) deleteDead(ctx context.Context, in *idInput) (*struct{}, error) {
	v := auth.From(ctx)
	j, err := s.Jobs.DeadLetter(ctx, v.WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Jobs.Discard(ctx, j, v.UserID, s.Channels.BodyCleanup(j, jobs.KeepDiscarded)...); err != nil {
		return nil, err
	}
	s.Log.Info().Str("job", j.ID).Str("kind", j.Kind).Str("user", v.UserID).Msg("dead letter discarded")
	s.deadChanged(ctx, v.WorkspaceID)
	return nil, nil //nolint:nilnil // 204
}

type bodyOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *Service) deadBody(ctx context.Context, in *idInput) (*bodyOutput, error) {
	j, err := s.Jobs.DeadLetter(ctx, auth.From(ctx).WorkspaceID, in.ID)
	if err != nil {
		return nil, err
	}
	body, _, err := s.Channels.Body(ctx, j, math.MaxInt64)
	return &bodyOutput{"application/octet-stream", `attachment; filename="` + j.ID + `.txt"`, body}, err
}

// deadChanged tells supervisors how many dead letters there are now.
func (s *Service) deadChanged(ctx context.Context, workspaceID string, notices ...notify.Notice) {
	if err := s.publishDead(ctx, workspaceID, notices); err != nil {
		s.Log.Warn().Err(err).Msg("nobody was told of a change of the dead letters")
	}
}

func (s *Service) publishDead(ctx context.Context, workspaceID string, notices []notify.Notice) error {
	count, err := s.Jobs.CountDead(ctx, workspaceID)
	if err != nil {
		return err
	}
	w, to := &events.Write{}, access.Audience{Supervisors: true}
	for _, n := range notices {
		if err := s.Notices.Add(ctx, w, workspaceID, to, n); err != nil {
			return err
		}
	}
	data, _ := json.Marshal(DeadCount{count}) // a number always encodes
	w.Events = append(w.Events, events.Event{
		Type: "dead_letters.changed", WorkspaceID: workspaceID, Subject: "dead_letters", At: s.Clock.Now(), Audience: to, Data: data,
	})
	return s.Bus.Commit(ctx, w)
}

// deadLetter tells supervisors that something needs them.
func (s *Service) deadLetter(job jobs.Job) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	title := "Something that came in was not understood"
	if job.Kind == channels.JobInbound {
		s.Channels.NoteTrouble(job.Ref, channels.Trouble{
			Code: "not_understood", Title: title, Detail: "Look at it under dead letters and replay it once the cause is gone.",
		})
	} else {
		title = "A piece of work could not be done"
	}
	s.deadChanged(ctx, job.WorkspaceID, notify.Notice{
		ID: ids.New("ntf", s.Clock.Now()), Kind: "dead_letter", Title: title,
		Detail: "It is kept under dead letters, where it can be read and tried again.", Severity: notify.Warning,
	})
}
