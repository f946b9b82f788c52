package routing

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/events"
	"wasl/internal/ids"
	"wasl/internal/web"
	"wasl/store"
)

func (s *Service) hoursRoutes(api huma.API, op operation) {
	const path, one = "/business-hours", "/business-hours/{id}"
	huma.Register(api, op(http.MethodGet, path, "list-business-hours", "The workspace's hours by name", access.ReadUsers), s.listHours)
	create := op(http.MethodPost, path, "create-business-hours", "Add hours", access.ManageTeams)
	create.DefaultStatus = http.StatusCreated
	create.Responses = web.AlsoOK[HoursView](api, "The hours that the key has made before")
	huma.Register(api, create, s.createHours)
	patch := op(http.MethodPatch, one, "patch-business-hours", "Change hours", access.ManageTeams)
	patch.Errors = append(patch.Errors, http.StatusPreconditionFailed)
	huma.Register(api, patch, s.patchHours)
	remove := op(http.MethodDelete, one, "delete-business-hours", "Delete hours", access.ManageTeams)
	remove.Description = "Users whose working hours they were work at any time from then on."
	remove.Errors = append(remove.Errors, http.StatusPreconditionFailed)
	huma.Register(api, remove, s.deleteHours)
}

// HoursView is hours as REST shows them.
type HoursView struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Zone     string       `json:"zone"`
	Week     [][][]string `json:"week" nullable:"false" doc:"Seven days from Sunday, each of spans by the wall clock: [\"09:00\",\"17:00\"]"`
	Holidays []Holiday    `json:"holidays" nullable:"false"`
	Version  int64        `json:"version" doc:"Grows with every change; for If-Match"`
}

func viewHours(h *Hours) HoursView {
	return HoursView{h.ID, h.Name, h.Zone, h.Week, append([]Holiday{}, h.Holidays...), h.Version}
}

func (s *Service) allHours(ctx context.Context, workspaceID string) ([]*Hours, error) {
	found, _, err := s.hours.Find(ctx, store.Query{Index: "workspace", Eq: []any{workspaceID}, Limit: maxHours})
	return found, err
}

// hoursOf returns hours of the workspace or store.ErrNotFound.
func (s *Service) hoursOf(ctx context.Context, workspaceID, id string) (*Hours, error) {
	h, err := s.hours.Get(ctx, id)
	if err == nil && h.WorkspaceID != workspaceID {
		return nil, store.ErrNotFound
	}
	return h, err
}

func (s *Service) listHours(ctx context.Context, _ *struct{}) (*web.Body[web.List[HoursView]], error) {
	found, err := s.allHours(ctx, auth.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	views := make([]HoursView, len(found))
	for n, h := range found {
		views[n] = viewHours(h)
	}
	return web.Items(views, ""), nil
}

type createHoursInput struct {
	web.Once
	Body struct {
		Name     string       `json:"name" minLength:"1" maxLength:"120"`
		Zone     string       `json:"zone" maxLength:"60"`
		Week     [][][]string `json:"week" doc:"Seven days from Sunday, each of spans by the wall clock: [\"09:00\",\"17:00\"]"`
		Holidays []Holiday    `json:"holidays,omitempty" maxItems:"400"`
	}
}

func (s *Service) createHours(ctx context.Context, in *createHoursInput) (*web.Made[HoursView], error) {
	name, err := visible(in.Body.Name)
	if err != nil {
		return nil, err
	}
	v := auth.From(ctx)
	id := ids.New("hrs", s.Clock.Now())
	if in.Key != "" {
		id = ids.Derived("hrs", v.WorkspaceID, v.UserID, in.Key)
	}
	h := &Hours{
		Meta: store.Meta{ID: id}, WorkspaceID: v.WorkspaceID, Name: name, Zone: in.Body.Zone, Week: in.Body.Week,
		Holidays: in.Body.Holidays,
	}
	if _, err := h.calendar(); err != nil {
		return nil, err
	}
	there, err := s.allHours(ctx, v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if len(there) >= maxHours {
		return nil, errs.New(errs.Conflict, "hours_limit", fmt.Sprintf("A workspace has at most %d business hours.", maxHours))
	}
	err = s.Engine.Write(ctx, s.hours.Insert(h))
	if errors.Is(err, store.ErrExists) {
		h, err = s.hoursOf(ctx, v.WorkspaceID, id)
		if err != nil {
			return nil, err
		}
		return web.Make(viewHours(h), false), nil
	}
	if err != nil {
		return nil, err
	}
	return web.Make(viewHours(h), true), nil
}

type patchHoursInput struct {
	ID string `path:"id"`
	web.Precondition
	Body struct {
		Name     *string       `json:"name,omitempty" minLength:"1" maxLength:"120"`
		Zone     *string       `json:"zone,omitempty" maxLength:"60"`
		Week     *[][][]string `json:"week,omitempty"`
		Holidays *[]Holiday    `json:"holidays,omitempty" maxItems:"400"`
	}
}

func (s *Service) patchHours(ctx context.Context, in *patchHoursInput) (*web.Body[HoursView], error) {
	b := in.Body
	if b.Name != nil {
		name, err := visible(*b.Name)
		if err != nil {
			return nil, err
		}
		b.Name = &name
	}
	h, err := s.changeHours(ctx, in.ID, in.Precondition, func(h *Hours) (store.Change, error) {
		set(&h.Name, b.Name)
		set(&h.Zone, b.Zone)
		set(&h.Week, b.Week)
		set(&h.Holidays, b.Holidays)
		if _, err := h.calendar(); err != nil {
			return store.Change{}, err
		}
		return s.hours.Replace(h), nil
	})
	if err != nil {
		return nil, err
	}
	return web.Answer(viewHours(h)), nil
}

type hoursInput struct {
	ID string `path:"id"`
	web.Precondition
}

func (s *Service) deleteHours(ctx context.Context, in *hoursInput) (*struct{}, error) {
	_, err := s.changeHours(ctx, in.ID, in.Precondition, func(h *Hours) (store.Change, error) { return s.hours.Delete(h), nil })
	return nil, err
}

// changeHours changes hours in one write with the job that looks at the queues.
func (s *Service) changeHours(
	ctx context.Context, id string, expected web.Precondition, change func(*Hours) (store.Change, error),
) (h *Hours, err error) {
	workspaceID := auth.From(ctx).WorkspaceID
	err = store.Retry(ctx, func() error {
		if h, err = s.hoursOf(ctx, workspaceID, id); err != nil {
			return err
		}
		if err := expected.Check(h.Version); err != nil {
			return err
		}
		done, err := change(h)
		if err != nil {
			return err
		}
		w := &events.Write{Changes: []store.Change{done}}
		s.drainLater(w, workspaceID)
		return s.Bus.Commit(ctx, w)
	})
	return h, err
}
