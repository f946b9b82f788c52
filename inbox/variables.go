package inbox

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"wasl/contacts"
	"wasl/internal/access"
	"wasl/internal/errs"
)

// variable is a place in a text that is filled with what is known of a conversation: {{contact.first_name}}.
var variable = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// variableNames are the names of variables, besides those of the contact's custom fields.
var variableNames = []string{
	"agent.first_name", "agent.name", "channel.name", "contact.email", "contact.first_name", "contact.last_name", "contact.name",
	"contact.phone", "conversation.subject",
}

// ofFields begins the names of variables that are custom fields of the contact.
const ofFields = "contact.fields."

// CheckVariables refuses a text with a variable that there is not; field is where the text stands.
func CheckVariables(written, field string) error {
	for _, at := range variable.FindAllStringSubmatchIndex(written, -1) {
		name := strings.TrimSpace(written[at[2]:at[3]])
		own, isField := strings.CutPrefix(name, ofFields)
		if slices.Contains(variableNames, name) || isField && own != "" {
			continue
		}
		return errs.InvalidField("unknown_variable", field, fmt.Sprintf("there is no {{%s}} (at character %d); there are %s and %s…",
			name, utf8.RuneCountInString(written[:at[0]])+1, strings.Join(variableNames, ", "), ofFields))
	}
	return nil
}

// Variable is a variable with what it is in one conversation.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Variables lists what the variables of texts are in a conversation that the viewer may see. What has no value is not there.
func (s *Service) Variables(ctx context.Context, v access.Viewer, id string) ([]Variable, error) {
	conv, err := s.Conversation(ctx, v, id)
	if err != nil {
		return nil, err
	}
	values, err := s.variables(ctx, conv, v.Name)
	if err != nil {
		return nil, err
	}
	out := make([]Variable, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		out = append(out, Variable{name, values[name]})
	}
	return out, nil
}

// variables are the values that there are, by name.
func (s *Service) variables(ctx context.Context, conv *Conversation, agent string) (map[string]string, error) {
	contact, err := s.Contacts.Contact(ctx, conv.WorkspaceID, conv.Origin)
	if err != nil {
		return nil, err
	}
	values := contactVariables(contact)
	values["agent.name"] = agent
	values["agent.first_name"], _, _ = strings.Cut(agent, " ")
	if ch, err := s.Channels.Of(ctx, conv.WorkspaceID, conv.ChannelID); err == nil {
		values["channel.name"] = ch.Name
	}
	if conv.Mail != nil {
		values["conversation.subject"] = conv.Mail.Subject
	}
	maps.DeleteFunc(values, func(_, value string) bool { return strings.TrimSpace(value) == "" })
	return values, nil
}

// contactVariables are the values that a contact has. One whose name is a number or an address has none.
func contactVariables(c *contacts.Contact) map[string]string {
	values := map[string]string{}
	for name, value := range c.Fields {
		values[ofFields+name] = value
	}
	if len(c.Phones) > 0 {
		values["contact.phone"] = c.Phones[0]
	}
	if len(c.Emails) > 0 {
		values["contact.email"] = c.Emails[0]
	}
	name := strings.TrimSpace(c.Name)
	if !strings.ContainsFunc(name, unicode.IsLetter) || strings.Contains(name, "@") {
		return values
	}
	first, last, _ := strings.Cut(name, " ")
	values["contact.name"], values["contact.first_name"], values["contact.last_name"] = name, first, strings.TrimSpace(last)
	return values
}

// fill puts values into a text. One that is missing is an error that names it.
func (s *Service) fill(ctx context.Context, c *change, written string) (string, error) {
	if !variable.MatchString(written) {
		return written, nil
	}
	values, err := s.variables(ctx, c.conv, c.actor.Name)
	if err != nil {
		return "", err
	}
	missing := ""
	filled := variable.ReplaceAllStringFunc(written, func(found string) string {
		name := strings.TrimSpace(found[2 : len(found)-2])
		if values[name] == "" && missing == "" {
			missing = name
		}
		return values[name]
	})
	if missing != "" {
		return "", errs.New(errs.Conflict, "variable_missing", fmt.Sprintf("There is no %s here to put into the text.", missing))
	}
	return filled, nil
}
