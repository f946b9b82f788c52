package action

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
)

// List is a list of actions in the body of a request. Only this package's Registry knows the arguments of each verb: see Parse.
type List json.RawMessage

// UnmarshalJSON keeps the list as it is written: the type has lost the method of json.RawMessage.
func (l *List) UnmarshalJSON(raw []byte) error {
	*l = append((*l)[:0], raw...)
	return nil
}

// MarshalJSON writes the list as it is written.
func (l List) MarshalJSON() ([]byte, error) { return l, nil }

// Schema describes the list in the OpenAPI document.
func (List) Schema(huma.Registry) *huma.Schema {
	most := maxActions
	return &huma.Schema{
		Type: huma.TypeArray, MaxItems: &most,
		Description: `What is done, in this order: {"action": "set_priority", "priority": "high"}, and so on`,
		Items: &huma.Schema{
			Type: huma.TypeObject, AdditionalProperties: true, Required: []string{"action"},
			Properties: map[string]*huma.Schema{"action": {Type: huma.TypeString}},
		},
	}
}
