package channels

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// flowToken is the mark that the business gave a form when it sent it with WhatsApp: for programs, not for people.
const flowToken = "flow_token"

// FormFields reads the answers of a form, which come as a string that holds JSON, usually an object. WhatsApp's form for an address nests
// its fields under "values"; where both levels have a name, the outer one counts, and where two names become one, the later in the
// alphabet. An answer that is no JSON object is kept whole as the field "response".
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
		addFields(form, nested)
	}
	addFields(form, fields)
	return form
}

func addFields(form map[string]string, fields map[string]json.RawMessage) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		form[FieldName(name)] = fieldValue(fields[name])
	}
}

// FieldName replaces what a key of a stored document may not contain.
func FieldName(s string) string {
	return strings.NewReplacer(".", "_", "$", "_", "\x00", "_").Replace(s)
}

// fieldValue is an answer as text: lists with commas, whatever else it may be as JSON.
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

// FormSummary is the answers as text, one in each line, sorted by name.
func FormSummary(form map[string]string) string {
	var lines []string
	for name, value := range form {
		if name != flowToken && value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
