package desk

import (
	"github.com/rs/zerolog"

	"wasl/activity"
	"wasl/auth"
	"wasl/inbox"
	"wasl/internal/clock"
	"wasl/internal/events"
	"wasl/search"
	"wasl/store"
)

// Options are what the service is made of.
type Options struct {
	Engine   store.Engine
	Bus      *events.Bus
	Clock    clock.Clock
	Inbox    *inbox.Service
	Users    *auth.Service
	Activity *activity.Log
	Log      zerolog.Logger
}

// Service is the agents' desk.
type Service struct {
	Options
	canned   shelf[CannedReply, *CannedReply]
	labels   shelf[Label, *Label]
	macros   shelf[Macro, *Macro]
	views    shelf[View, *View]
	counts   counts
	counting counting
	words    *search.Source[*CannedReply]
}

// Schemas declares the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{cannedSchema, labelSchema, macroSchema, viewSchema}
}

// NewService returns the desk, and tells the inbox of its views.
func NewService(o Options) *Service {
	s := &Service{Options: o}
	s.canned, s.labels, s.macros, s.views = newCanned(s), newLabels(s), newMacros(s), newViews(s)
	o.Inbox.NameViews(s.Filter)
	return s
}
