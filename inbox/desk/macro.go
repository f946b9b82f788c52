package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"wasl/activity"
	"wasl/inbox"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/ids"
	"wasl/internal/text"
	"wasl/store"
)

// Macro is several actions that are done to a conversation at once.
type Macro struct {
	store.Meta `bson:",inline"`
	Shared     `bson:",inline"`
	Name       string `bson:"name"`
	Actions    string `bson:"actions"` // as JSON
	// Hotkey is the physical key that runs it: Alt+KeyB, Alt+Shift+Digit1; empty: none.
	Hotkey string `bson:"hotkey,omitempty"`
}

var macroSchema = store.Schema{Name: "macros", Indexes: []store.Index{byHolder}}

func newMacros(s *Service) shelf[Macro, *Macro] {
	return shelf[Macro, *Macro]{
		s: s, rows: store.NewCollection[Macro](s.Engine, macroSchema), kind: activity.Macro, prefix: "mac", check: s.checkMacro,
		show: func(m *Macro) any { return viewMacro(m) }, name: func(m *Macro) string { return m.Name },
	}
}

// hotkey is a key that may run a macro, also while somebody writes and on every layout: Alt with a letter or a digit.
var hotkey = regexp.MustCompile(`^Alt\+(Shift\+)?(Key[A-Z]|Digit[0-9])$`)

// reserved are keys that mean something else.
var reserved = map[string]string{
	"Alt+KeyY": "takes what is offered", "Alt+KeyX": "declines what is offered",
	"Alt+KeyT": "takes the right to write over", "Alt+KeyM": "sets a reminder",
	"Alt+KeyJ": "opens the next conversation", "Alt+KeyK": "opens the previous conversation",
	"Alt+KeyD": "belongs to the browser", "Alt+KeyE": "belongs to the browser", "Alt+KeyF": "belongs to the browser",
}

// checkMacro refuses what a macro cannot be: without a name, with actions that cannot be read, with labels that there are not, and with a
// key that is none or does something else.
func (s *Service) checkMacro(ctx context.Context, v access.Viewer, m *Macro, others []*Macro) error {
	if m.Name = text.Name(m.Name); m.Name == "" {
		return errs.InvalidField("invalid_input", "name", "a name that can be seen")
	}
	actions, err := s.Inbox.Actions.Parse([]byte(m.Actions), "actions")
	if err != nil {
		return err
	}
	if len(actions) == 0 {
		return errs.InvalidField("nothing_to_do", "actions", "at least one action")
	}
	written, err := json.Marshal(actions)
	if err != nil {
		return err
	}
	m.Actions = string(written)
	if _, err := s.withLabels(ctx, v.WorkspaceID, m); err != nil {
		return err
	}
	return checkHotkey(m, others)
}

func checkHotkey(m *Macro, others []*Macro) error {
	if m.Hotkey == "" {
		return nil
	}
	if !hotkey.MatchString(m.Hotkey) {
		return errs.InvalidField("invalid_hotkey", "hotkey", "Alt with a letter or a digit, such as Alt+KeyB or Alt+Shift+Digit1")
	}
	if means, taken := reserved[m.Hotkey]; taken {
		return hotkeyTaken(fmt.Sprintf("This key %s.", means))
	}
	if n := slices.IndexFunc(others, func(other *Macro) bool { return other.Hotkey == m.Hotkey }); n >= 0 {
		return hotkeyTaken(fmt.Sprintf("The macro %q has this key already.", others[n].Name))
	}
	return nil
}

func hotkeyTaken(why string) error {
	return &errs.Error{
		Kind: errs.Conflict, Code: "hotkey_taken", Text: why + " Choose another one.", Fields: []errs.Field{{Field: "hotkey", Detail: why}},
	}
}

// withLabels are the macro's actions with the names that its labels have now. One that adds a label which is gone is an error.
func (s *Service) withLabels(ctx context.Context, workspaceID string, m *Macro) ([]byte, error) {
	var actions []map[string]any
	if err := json.Unmarshal([]byte(m.Actions), &actions); err != nil {
		return nil, err
	}
	names, err := s.labelNames(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	for n, a := range actions {
		label, is := a["label"].(string)
		if !is {
			continue
		}
		if now := names[label]; now != "" {
			a["label"] = now
		} else if a["action"] == "add_label" {
			return nil, &errs.Error{
				Kind: errs.Conflict, Code: "label_gone", Text: fmt.Sprintf("There is no label %q any more, which %q adds.", label, m.Name),
				Fields: []errs.Field{{Field: fmt.Sprintf("actions/%d/label", n), Detail: "there is no such label"}},
			}
		}
	}
	return json.Marshal(actions)
}

// Run does a macro's actions to a conversation, for the viewer and as far as they may: all of them in one change, or none. The token takes
// it back.
func (s *Service) Run(
	ctx context.Context, v access.Viewer, conversationID, macroID, key string,
) (conv *inbox.Conversation, token string, err error) {
	m, err := s.macros.one(ctx, v, macroID)
	if err != nil {
		return nil, "", err
	}
	actions, err := s.withLabels(ctx, v.WorkspaceID, m)
	if err != nil {
		return nil, "", err
	}
	run := ids.New("run", s.Clock.Now())
	if key != "" {
		run = ids.Derived("run", v.UserID, conversationID, macroID, key)
	}
	return s.Inbox.Do(ctx, v, conversationID, inbox.Doing{
		Actions: actions, Key: run, Cause: access.Cause{Kind: access.ByMacro, ID: m.ID, Name: m.Name},
	})
}
