package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/action"
	"wasl/internal/errs"
)

// Verbs are what actions do with a conversation. What they find when they are done, such as a team that is gone, is an error then.
func Verbs() []action.Verb[*Editing] {
	return []action.Verb[*Editing]{
		action.Define("assign", access.Assign, checkAssign, func(
			ctx context.Context, e *Editing, by access.Actor, a assignArguments,
		) error {
			if a.AgentID != nil && *a.AgentID == assigneeMe && by.Kind == access.User {
				a.AgentID = &by.ID
			}
			return e.s.transfer(ctx, e, Assignment{AgentID: a.AgentID, TeamID: a.TeamID}, a.Note)
		}),
		action.Define("set_type", access.EditConversations, nil,
			func(ctx context.Context, e *Editing, _ access.Actor, a typeArguments) error {
				return e.Edit(ctx, Edit{Type: &a.Type})
			}),
		action.Define("set_priority", access.EditConversations, nil,
			func(ctx context.Context, e *Editing, _ access.Actor, a priorityArguments) error {
				return e.Edit(ctx, Edit{Priority: &a.Priority})
			}),
		action.Define("add_label", access.EditConversations, checkLabelArguments,
			func(ctx context.Context, e *Editing, _ access.Actor, a labelArguments) error {
				labels := append(slices.Clone(e.c.conv.Labels), a.Label)
				return e.Edit(ctx, Edit{Labels: &labels})
			}),
		action.Define("remove_label", access.EditConversations, nil,
			func(ctx context.Context, e *Editing, _ access.Actor, a labelArguments) error {
				labels := slices.DeleteFunc(slices.Clone(e.c.conv.Labels), func(label string) bool { return label == a.Label })
				return e.Edit(ctx, Edit{Labels: &labels})
			}),
		action.Define("set_status", access.EditConversations, nil,
			func(ctx context.Context, e *Editing, _ access.Actor, a statusArguments) error {
				return e.Edit(ctx, Edit{Status: &a.Status, ClosingNote: a.ClosingNote})
			}),
		action.Define("snooze", access.EditConversations, checkSnooze, snooze),
		action.Define("add_note", access.Note, checkNoteArguments,
			func(ctx context.Context, e *Editing, _ access.Actor, a noteArguments) error {
				return e.write(ctx, NewMessage{
					Content: channels.Content{Type: channels.TypeNote, Text: a.Text}, Mentions: a.Mentions,
				})
			}),
		action.Define("send_message", access.Reply, checkTextArguments,
			func(ctx context.Context, e *Editing, _ access.Actor, a textArguments) error {
				return e.write(ctx, NewMessage{Content: channels.Content{Type: channels.TypeText, Text: a.Text}})
			}),
	}
}

type assignArguments struct {
	AgentID *string `json:"agent_id,omitempty"`
	TeamID  *string `json:"team_id,omitempty"`
	Note    string  `json:"note,omitempty"` // for whoever gets it
}

func checkAssign(a assignArguments) error {
	if a.AgentID == nil && a.TeamID == nil {
		return errs.InvalidField("nothing_to_assign", "agent_id", "agent_id or team_id; an empty text takes it away")
	}
	return nil
}

type typeArguments struct {
	Type string `json:"type" enum:",sales,support,complaint,other"`
}

type priorityArguments struct {
	Priority string `json:"priority" enum:"none,low,medium,high,urgent"`
}

type statusArguments struct {
	Status      Status `json:"status" enum:"open,pending,resolved"`
	ClosingNote string `json:"closing_note,omitempty"` // with resolved
}

type labelArguments struct {
	Label string `json:"label"`
}

func checkLabelArguments(a labelArguments) error { return CheckLabel(a.Label, "label") }

// CheckLabel refuses what cannot be a label; field is where it stands.
func CheckLabel(label, field string) error {
	if strings.TrimSpace(label) == "" || len(label) > 100 || strings.Contains(label, ",") {
		return errs.InvalidField("invalid_label", field, "1 to 100 bytes, without commas")
	}
	return nil
}

type snoozeArguments struct {
	Until         *time.Time `json:"until,omitempty"`
	Minutes       int        `json:"minutes,omitempty"`
	UntilAnswered bool       `json:"until_answered,omitempty"`
}

// maxSnooze is the longest time to snooze, in minutes: a year.
const maxSnooze = 366 * 24 * 60

func checkSnooze(a snoozeArguments) error {
	given := 0
	for _, is := range []bool{a.Until != nil, a.Minutes != 0, a.UntilAnswered} {
		if is {
			given++
		}
	}
	if given != 1 || a.Minutes < 0 || a.Minutes > maxSnooze {
		return errs.InvalidField("invalid_snooze", "minutes", fmt.Sprintf("one of until, minutes (1 to %d) and until_answered", maxSnooze))
	}
	return nil
}

func snooze(ctx context.Context, e *Editing, _ access.Actor, a snoozeArguments) error {
	status, until := Snoozed, a.Until
	if a.Minutes > 0 {
		at := e.s.Clock.Now().Add(time.Duration(a.Minutes) * time.Minute)
		until = &at
	}
	return e.Edit(ctx, Edit{Status: &status, SnoozedUntil: until, UntilAnswered: a.UntilAnswered})
}

type textArguments struct {
	Text string `json:"text"`
}

func checkTextArguments(a textArguments) error {
	if err := checkNote(&Message{Content: channels.Content{Text: a.Text}}); err != nil {
		return err
	}
	return CheckVariables(a.Text, "text")
}

type noteArguments struct {
	Text     string   `json:"text"`
	Mentions []string `json:"mentions,omitempty"`
}

func checkNoteArguments(a noteArguments) error { return checkTextArguments(textArguments{a.Text}) }

// write puts into the conversation what the actor says, with its variables filled in.
func (e *Editing) write(ctx context.Context, n NewMessage) (err error) {
	if n.Content.Text, err = e.s.fill(ctx, e.c, n.Content.Text); err != nil {
		return err
	}
	e.written++
	n.ClientID = fmt.Sprintf("%s.%d", e.key, e.written)
	_, _, err = e.Send(ctx, n)
	return err
}
