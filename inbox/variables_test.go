package inbox

import (
	"maps"
	"testing"

	"wasl/contacts"
)

// A name that is a number is nobody's first name: the text would greet "+972…".
func TestANumberIsNobodysFirstName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]map[string]string{
		"Dana Ben Ami":     {"contact.name": "Dana Ben Ami", "contact.first_name": "Dana", "contact.last_name": "Ben Ami"},
		"דנה":              {"contact.name": "דנה", "contact.first_name": "דנה", "contact.last_name": ""},
		"+972 54-000-1001": {}, "dana@example.com": {}, "": {},
	} {
		if got := contactVariables(&contacts.Contact{Facts: contacts.Facts{Name: name}}); !maps.Equal(got, want) {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// A text is refused for a variable that there is not, and for no other braces.
func TestVariablesAreChecked(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"Hi {{contact.first_name}}, {{ agent.name }}": "<nil>", "{{contact.fields.plan}}": "<nil>", "{ } {{": "<nil>", "": "<nil>",
		"{{contact.nickname}}": "unknown_variable", "{{}}": "unknown_variable", "{{contact.fields.}}": "unknown_variable",
	} {
		if got := code(CheckVariables(written, "text/en")); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}
