package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// atOnce runs f for each number, eight at a time.
func atOnce(n int, f func(i int)) {
	var group sync.WaitGroup
	for lane := range 8 {
		group.Go(func() {
			for i := lane; i < n; i += 8 {
				f(i)
			}
		})
	}
	group.Wait()
}

func TestManyContactsByHandAreEachThereOnce(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	const many = 200
	made := make([]object, many)
	atOnce(many, func(i int) {
		made[i] = s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts", object{
			"name": fmt.Sprint("Bulkperson ", i), "phones": []string{
				fmt.Sprintf("+1 202 556 %04d", i),
				fmt.Sprintf("+1202556%04d", i),
			}, "emails": []string{fmt.Sprintf("bulk%d@bulk.example",
				i), fmt.Sprintf("BULK%d@bulk.example", i)},
		})
	})
	var names []string
	for path := "/api/v1/contacts?q=bulkperson&limit=100"; path != ""; {
		page := s.owner.get(t, path)
		for _, c := range page["items"].([]any) {
			names = append(names, c.(object)["name"].(string))
			if n := len(c.(object)["identities"].([]any)); n != 2 {
				t.Errorf("%s has %d identities", c.(object)["name"], n)
			}
		}
		path = ""
		if next, _ := page["next_cursor"].(string); next != "" {
			path = "/api/v1/contacts?q=bulkperson&limit=100&cursor=" + next
		}
	}
	slices.Sort(names)
	if len(names) != many || len(slices.Compact(names)) != many {
		t.Errorf("%d contacts, want %d", len(names), many)
	}
}

func TestOneNumberBelongsToOneContactHoweverOftenItIsTyped(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	const often = 24
	owners := make([]string, often)
	atOnce(often, func(i int) {
		c := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts",
			object{"name": fmt.Sprint("Twin ", i), "phones": []string{"+1 202-557-0100"}, "emails": []string{"twin@bulk.example"}})
		if known := c["identities"].([]any); len(known) == 2 {
			owners[i] = c["id"].(string)
		} else if len(known) != 0 {
			t.Errorf("half of it: %v", known)
		}
		if len(c["phones"].([]any)) != 1 || len(c["emails"].([]any)) != 1 {
			t.Errorf("what was typed is not noted: %v", c)
		}
	})
	if owners = slices.DeleteFunc(owners, func(id string) bool { return id == "" }); len(owners) != 1 {
		t.Errorf("%d contacts have the number", len(owners))
	}
}

func TestHostileContactsAreRefusedInPlainWordsOrMadeHarmless(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	const path = "/api/v1/contacts"
	for body, want := range map[string]struct {
		status      int
		code, field string
	}{
		`{}`:                        {422, "empty_contact", "name"},
		`[]`:                        {422, "invalid_input", "body"},
		`{"name"`:                   {400, "bad_request", "body"},
		"{\"name\":\"a\x01b\"}":     {400, "bad_request", "body"},
		`{"name":"x"}{"name":"y"}`:  {400, "bad_request", "body"},
		`{"name":"x","owner":"me"}`: {422, "invalid_input", "owner"},
		`{"name":7}`:                {422, "invalid_input", "name"},
		`{"name":"` + strings.Repeat("x", 201) + `"}`:               {422, "invalid_input", "name"},
		`{"name":"` + strings.Repeat("x", 2<<20) + `"}`:             {413, "too_large", ""},
		`{"name":"\u0000\u202e\u200b "}`:                            {422, "empty_contact", "name"},
		`{"phones":["+1 202 555 0143","12"]}`:                       {422, "invalid_phone", "phones[1]"},
		`{"phones":["+12025550143\u0000"]}`:                         {422, "invalid_phone", "phones[0]"},
		`{"phones":["` + strings.Repeat("1", 5000) + `"]}`:          {422, "invalid_phone", "phones[0]"},
		`{"phones":[null]}`:                                         {422, "invalid_input", "phones[0]"},
		`{"phones":["1"` + strings.Repeat(`,"1"`, 20) + `]}`:        {422, "invalid_input", "phones"},
		`{"emails":["a@b.example",""]}`:                             {422, "invalid_email", "emails[1]"},
		`{"emails":["A <a@b.example>"]}`:                            {422, "invalid_email", "emails[0]"},
		`{"emails":["\"a b\"@b.example"]}`:                          {422, "invalid_email", "emails[0]"},
		`{"emails":["a\u202e@b.example"]}`:                          {422, "invalid_email", "emails[0]"},
		`{"emails":["a@b.example\r\nBcc: c@d.example"]}`:            {422, "invalid_email", "emails[0]"},
		`{"emails":["` + strings.Repeat("a", 250) + `@b.example"]}`: {422, "invalid_email", "emails[0]"},
	} {
		a := s.owner.refused(t, want.status, want.code, http.MethodPost, path, body)
		if want.field != "" && !strings.Contains(string(a.body), `"field":"`+want.field+`"`) {
			t.Errorf("%.60s does not name %s: %s", body, want.field, a.body)
		}
	}
	c := s.owner.do(t, http.StatusCreated, http.MethodPost, path, `{"name":" \u202eEvil\u0000\nName "}`)
	if c["name"] != "Evil Name" {
		t.Errorf("%q", c["name"])
	}
	s.owner.refused(t, 422, "invalid_input", http.MethodPatch, path+"/"+c["id"].(string), `{"name":"\u200b"}`)
}

func TestAContactIsNotMergedWithItself(t *testing.T) {
	t.Parallel()
	s := gatewayFor(t)
	id := s.owner.do(t, http.StatusCreated, http.MethodPost, "/api/v1/contacts", object{"name": "Onlyperson"})["id"].(string)
	a := s.owner.refused(t, 422, "same_contact", http.MethodPost, "/api/v1/contacts/"+id+"/merge", object{"contact_id": id})
	if fields := a.json["errors"].([]any); fields[0].(object)["field"] != "contact_id" {
		t.Errorf("%v", fields)
	}
}
