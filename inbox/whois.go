package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"wasl/channels"
	"wasl/contacts"
	"wasl/files"
	"wasl/internal/access"
	"wasl/internal/ids"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	jobWho = "who"
	// whoTries with the jobs' backoff is about ten minutes; then the person keeps the name made of their id.
	whoTries = 8
	// askedFor is the silence after which it is asked again who somebody is: names change, and so do pictures.
	profileMaxAge = 30 * 24 * time.Hour
	// maxPicture is more than any provider's picture of a person has.
	maxPicture = 5 << 20
)

// askProfile adds the job that asks the provider for the name and the picture of somebody new or long silent, where messages do not carry
// them. The job's key has the message's, so that nothing that is left of an earlier question is in its way.
func (s *Service) askProfile(c *change, in *incoming) {
	who := in.Event.Contact
	if _, knows := in.Channel.Adapter.(channels.Profiler); !knows || who.Name != "" {
		return
	}
	i := who.Identities[0]
	payload, _ := json.Marshal([]string{i.Kind, i.Scope, i.Value, i.Display}) // strings always encode
	s.startLater(c, jobs.Spec{
		Kind: jobWho, WorkspaceID: in.Channel.WorkspaceID, Ref: in.Channel.ID, Share: in.Channel.ID, Payload: payload,
		Key: []string{in.Channel.ID, i.Value, in.Key},
	})
}

// runProfile gives the contact the name and the picture that the provider knows.
func (s *Service) runProfile(ctx context.Context, job *jobs.Job) error {
	ch, err := s.Channels.Of(ctx, job.WorkspaceID, job.Ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var of []string
	if err := json.Unmarshal(job.Payload, &of); err != nil || len(of) != 4 {
		return fmt.Errorf("%w: nobody is asked for: %w", jobs.ErrDead, err)
	}
	i := channels.Identity{Kind: of[0], Scope: of[1], Value: of[2], Display: of[3]}
	profiler, ok := ch.Adapter.(channels.Profiler)
	if !ok {
		return nil
	}
	person, err := profiler.Profile(ctx, ch.Account, i)
	if err != nil {
		if job.Attempts+1 < whoTries && temporary(err) {
			return err
		}
		s.Log.Info().Err(err).Str("channel", ch.ID).Msg("the provider does not say who a customer is")
		return nil
	}
	if person.Name == "" && person.Username == "" && person.Picture == "" {
		return nil
	}
	var origin string
	err = store.Retry(ctx, func() error {
		sender := channels.Sender{Identities: []channels.Identity{i}, Name: person.Name, Username: person.Username}
		if sender.Name == "" {
			sender.Name = person.Username
		}
		who, err := s.Contacts.Resolve(ctx, job.WorkspaceID, ch.ID, sender, "profile", access.Actor{Kind: access.Contact})
		if err != nil {
			return err
		}
		origin = who.Origins[0]
		return s.commit(ctx, &change{Write: who.Write})
	})
	if err != nil || person.Picture == "" {
		return err
	}
	err = s.renewPicture(ctx, ch, person.Picture, origin, ids.Derived("med", job.ID))
	if err != nil && (job.Attempts+1 >= whoTries || !temporary(err)) {
		s.Log.Info().Err(err).Str("channel", ch.ID).Msg("a customer's picture could not be had")
		return nil
	}
	return err
}

// renewPicture fetches a person's picture and shows it as the contact's, in the place of the one before. Whoever may see the contact may
// see it; people are shown the small picture that is made of it here.
func (s *Service) renewPicture(ctx context.Context, ch *channels.Connected, address, contactID, id string) error {
	file := &files.File{
		Meta: store.Meta{ID: id}, WorkspaceID: ch.WorkspaceID, Owners: []files.Owner{{
			Kind: files.Contact,
			ID:   contactID,
		}}, Kind: files.Image,
		CreatedAt: s.Clock.Now(),
	}
	if err := s.download(ctx, ch, channels.Attachment{ID: id, Kind: string(files.Image), SourceURL: address}, file,
		maxPicture); err != nil {
		return err
	}
	if !file.Thumbnail {
		if err := s.Files.Delete(ctx, id); err != nil {
			return err
		}
		return &channels.SendError{
			Outcome: channels.Refused, Code: "media_unavailable",
			Title: "What the provider shows as a person's picture is none",
		}
	}
	if err := s.Engine.Write(ctx, s.Files.Insert(file)); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	var before string
	err := s.Contacts.Change(ctx, ch.WorkspaceID, access.Actor{Kind: access.System}, contactID,
		func(f *contacts.Facts) { before, f.Picture = f.Picture, id })
	if err != nil || before == "" || before == id {
		return err
	}
	return s.Files.Delete(ctx, before)
}
