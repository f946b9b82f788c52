package contacts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"wasl/auth"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/text"
	"wasl/store"
)

// Edit is a change of what is known about a person; what is nil stays.
type Edit struct {
	Name    *string
	Tags    *[]string
	Fields  map[string]string // by name; empty: there is no such field any more
	OwnerID *string           // a user; empty: nobody
}

const (
	maxTags       = 50
	maxTag        = 60
	maxFields     = 100
	maxFieldName  = 60
	maxFieldValue = 2000
)

// EditPerson changes what is known about the person that a contact belongs to. What is taken away is taken from all contacts that are this
// person; what is new belongs to the one that people see.
func (s *Service) EditPerson(ctx context.Context, guard *auth.Service, v access.Viewer, id string, e Edit) error {
	if err := e.clean(); err != nil {
		return err
	}
	if e.OwnerID != nil && *e.OwnerID != "" {
		u, err := guard.User(ctx, v.WorkspaceID, *e.OwnerID)
		if errors.Is(err, store.ErrNotFound) || err == nil && !u.Active {
			return errs.InvalidField("unknown_user", "owner_id", "an active user of this workspace")
		}
		if err != nil {
			return err
		}
	}
	return s.do(ctx, v.WorkspaceID, v.Actor(), func(w *work) error {
		c, err := w.root(ctx, id)
		if err != nil {
			return err
		}
		family, err := w.family(ctx, c)
		if err != nil {
			return err
		}
		return w.edit(c, family, e)
	})
}

// clean brings what somebody wrote into the form that is kept.
func (e *Edit) clean() error {
	if e.Name != nil {
		name := text.Name(*e.Name)
		if name == "" {
			return errs.InvalidField("invalid_input", "name", "a name that can be seen")
		}
		e.Name = &name
	}
	if e.Tags != nil {
		var tags []string
		for n, tag := range *e.Tags {
			clean := text.Name(tag)
			if clean == "" || len([]rune(clean)) > maxTag {
				return errs.InvalidField("invalid_input", fmt.Sprintf("tags/%d", n),
					fmt.Sprintf("a tag that can be seen, of at most %d letters", maxTag))
			}
			tags = appendNew(tags, clean)
		}
		if len(tags) > maxTags {
			return errs.InvalidField("too_many_tags", "tags", fmt.Sprintf("a contact has at most %d tags", maxTags))
		}
		e.Tags = &tags
	}
	fields := make(map[string]string, len(e.Fields))
	for name, value := range e.Fields {
		clean := text.Name(name)
		if clean == "" || len([]rune(clean)) > maxFieldName {
			return errs.InvalidField("invalid_input", "fields", fmt.Sprintf("names that can be seen, of at most %d letters", maxFieldName))
		}
		if len([]rune(value)) > maxFieldValue {
			return errs.InvalidField("invalid_input", "fields/"+clean, fmt.Sprintf("at most %d letters", maxFieldValue))
		}
		fields[clean] = value
	}
	e.Fields = fields
	return nil
}

// edit changes the own facts of a person's contacts, the person first.
func (w *work) edit(person *Contact, family []*Contact, e Edit) error {
	shown, own := slices.Clone(person.Tags), person.own()
	if e.Name != nil {
		own.Name, own.Named = *e.Name, true
	}
	for _, c := range family {
		if e.Tags != nil {
			c.own().Tags = slices.DeleteFunc(c.own().Tags, func(tag string) bool { return !slices.Contains(*e.Tags, tag) })
		}
		for name, value := range e.Fields {
			if value == "" {
				delete(c.own().Fields, name)
			}
		}
		if e.OwnerID != nil {
			c.own().OwnerID = ""
		}
		if c != person && len(c.changesSince(w.before[c.ID])) > 0 {
			w.touch(c)
		}
	}
	w.touch(person)
	if e.OwnerID != nil {
		own.OwnerID = *e.OwnerID
	}
	if e.Tags != nil {
		for _, tag := range *e.Tags {
			if !slices.Contains(shown, tag) {
				own.Tags = append(own.Tags, tag)
			}
		}
	}
	if own.Fields == nil {
		own.Fields = map[string]string{}
	}
	for name, value := range e.Fields {
		if value != "" {
			own.Fields[name] = value
		}
	}
	if len(own.Fields) > maxFields {
		return errs.InvalidField("too_many_fields", "fields", fmt.Sprintf("a contact has at most %d fields", maxFields))
	}
	return nil
}
