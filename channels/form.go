package channels

import (
	"encoding/json"
	"slices"
	"strings"
)

// FormFields reads the answers of a form, which come as a string that holds JSON, usually an object. An address stands one level down in
// "values". What is no object is the field "response".
func FormFields(response string) map[string]string {
	form := map[string]string{}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(response), &fields) != nil || fields == nil {
		if response != "" {
			form["response"] = response
		}
		return form
	}
	var nested map[string]json.RawMessage
	if json.Unmarshal(fields["values"], &nested) == nil && nested != nil {
		delete(fields, "values")
		for name, raw := range nested {
			form[FieldName(name)] = fieldValue(raw)
		}
	}
	for name, raw := range fields {
		form[FieldName(name)] = fieldValue(raw)
	}
	return form
}

// FieldName makes a name that documents can have as a key.
func FieldName(s string) string {
	return strings.NewReplacer(".", "_", "$", "_", "\x00", "_").Replace(s)
}

func fieldValue(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return strings.Join(many, ", ")
	}
	return string(raw)
}

// FormSummary is the readable form of a form's answers, a line each.
func FormSummary(form map[string]string) string {
	var lines []string
	for name, value := range form {
		if name != "flow_token" && value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
