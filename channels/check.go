package channels

import (
	"context"
	"maps"

	"wasl/internal/errs"
	"wasl/store"
)

// Check asks the provider whether the channel works. A channel that stopped for its credentials goes on when it does. What was asked
// about a channel that others changed meanwhile is asked again.
func (s *Service) Check(ctx context.Context, workspaceID, id string) (*Trouble, error) {
	var trouble *SendError
	err := store.Retry(ctx, func() error {
		c, err := s.Of(ctx, workspaceID, id)
		if err != nil {
			return err
		}
		trouble = s.ask(ctx, c)
		switch {
		case trouble == nil && c.Status == Failed:
			return s.updateRead(ctx, c, func(ch *Channel) { ch.Status, ch.Problem = Active, nil })
		case trouble != nil && trouble.Outcome == Dead && c.Status == Active:
			problem := trouble.words()
			return s.updateRead(ctx, c, func(ch *Channel) { ch.Status, ch.Problem = Failed, &problem })
		}
		return nil
	})
	if trouble == nil || err != nil {
		return nil, err
	}
	words := trouble.words()
	return &words, nil
}

// ask returns what the provider has against the account, nil where nothing or where it cannot be asked.
func (s *Service) ask(ctx context.Context, c *Connected) *SendError {
	checker, ok := c.Adapter.(Checker)
	if !ok {
		return nil
	}
	err := checker.Check(ctx, c.Account)
	if err == nil {
		return nil
	}
	return AsSendError(err)
}

func (e *SendError) words() Trouble { return Trouble{Code: e.Code, Title: e.Title, Detail: e.Detail} }

// try tests new credentials before the old ones go.
func (s *Service) try(ctx context.Context, c *Connected, fresh map[string]string, baseURL *string) error {
	next := *c
	next.Account.Credentials = maps.Clone(c.Account.Credentials)
	maps.Copy(next.Account.Credentials, fresh)
	if baseURL != nil {
		next.Account.BaseURL = *baseURL
	}
	e := s.ask(ctx, &next)
	silent := e != nil && e.Outcome != Dead && e.Outcome != Refused
	if e == nil || silent && c.Status == Failed { // with a channel that stopped, nothing is lost by trying
		return nil
	}
	return e.refuseCredentials(" The channel keeps its present credentials.")
}

// refuseCredentials is the error of credentials that the provider does not take; its code stands under reason.
func (e *SendError) refuseCredentials(more string) *errs.Error {
	return &errs.Error{
		Kind: errs.Invalid, Code: "credentials_refused", Text: e.Title + ". " + e.Detail + more, Cause: e,
		Fields: []errs.Field{{Field: "reason", Detail: e.Code}},
	}
}
