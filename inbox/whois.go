package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"wasl/channels"
	"wasl/internal/jobs"
	"wasl/store"
)

const (
	jobWho = "who"
	// whoTries with the jobs' backoff is about ten minutes; then the person keeps the name made of their id.
	whoTries = 8
)

// askWho adds the job that asks the provider for the name of somebody new, where messages do not carry it.
func (s *Service) askWho(c *change, in *incoming) {
	who := in.Event.Contact
	if _, knows := in.Channel.Adapter.(channels.Profiler); !knows || who.Name != "" {
		return
	}
	i := who.Identities[0]
	payload, _ := json.Marshal([]string{i.Kind, i.Scope, i.Value, i.Display}) // strings always encode
	job, insert := s.Jobs.New(jobWho, in.Channel.WorkspaceID, in.Channel.ID, payload, in.Channel.ID, i.Value)
	c.changes, c.jobs = append(c.changes, insert), append(c.jobs, job)
}

// runWho gives the contact the name that the provider knows.
func (s *Service) runWho(ctx context.Context, job *jobs.Job) error {
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
	if person.Name == "" && person.Username == "" {
		return nil
	}
	return again(ctx, func() error {
		sender := channels.Sender{Identities: []channels.Identity{i}, Name: person.Name, Username: person.Username}
		if sender.Name == "" {
			sender.Name = person.Username
		}
		who, err := s.Contacts.Resolve(ctx, job.WorkspaceID, ch.ID, sender, "profile")
		if err != nil {
			return err
		}
		return s.commit(ctx, &change{changes: append(who.Changes, job.Done()), events: who.Events, jobs: who.Jobs})
	})
}
