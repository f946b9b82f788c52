package inbox

import (
	"fmt"
	"net/http"
	"testing"

	"wasl/internal/access"
)

// What a team was given its members see, in lists, counters and contacts, until one of them has it; members of another team never. Once
// the team is deleted those who see everything still see it, and can give it to somebody.
func TestWhatATeamWasGiven(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := furnished(t, w)
		member, mate, other := s.user("member", "w", access.Agent), s.user("mate", "w", access.Agent), s.user("other", "w", access.Agent)
		team := s.team("w", "Support", member, mate)
		s.team("w", "Sales", other)
		conv := w.only()
		path := "/api/v1/conversations/" + conv.ID
		give := func(by, body string) {
			t.Helper()
			if status, _, answer := s.call(by, http.MethodPost, path+"/assign", body); status != http.StatusOK {
				t.Fatal(status, answer)
			}
		}
		seen := func(by ...string) {
			t.Helper()
			for _, who := range []string{"owner", "member", "mate", "other"} {
				want := 0
				for _, b := range by {
					if b == who {
						want = 1
					}
				}
				v, err := s.users.ViewerOf(t.Context(), s.ids[who])
				if err != nil {
					t.Fatal(err)
				}
				counts, err := s.Counts(t.Context(), v)
				if err != nil || counts.All != want {
					t.Errorf("%s is told of %d, %v", who, counts.All, err)
				}
				for _, f := range []Filter{{Status: []string{string(Open)}}, {}, {Team: []string{team}}} {
					if found, _, err := s.List(t.Context(), v, f, "", 10); err != nil || len(found) != want {
						t.Errorf("%s lists %d of %v, %v", who, len(found), f, err)
					}
				}
				for _, of := range []string{path, "/api/v1/contacts/" + conv.ContactID} {
					if status, _, _ := s.call(who, http.MethodGet, of, ""); (status == http.StatusOK) != (want == 1) {
						t.Errorf("%s gets %d for %s", who, status, of)
					}
				}
			}
		}
		give("owner", fmt.Sprintf(`{"team_id":%q}`, team))
		seen("owner", "member", "mate")
		give("member", fmt.Sprintf(`{"agent_id":%q}`, s.ids["member"]))
		seen("owner", "member")
		if _, err := s.users.SetTeams(t.Context(), access.Viewer{WorkspaceID: conv.WorkspaceID, Role: access.Owner}, s.ids["other"],
			[]string{team}, nil); err != nil {
			t.Fatal(err)
		}
		seen("owner", "member")
		give("owner", `{"agent_id":null}`)
		seen("owner", "member", "mate", "other") // whoever had it took part
		if err := s.users.DeleteTeam(t.Context(), access.Viewer{WorkspaceID: conv.WorkspaceID, Role: access.Owner}, team,
			func(int64) error { return nil }); err != nil {
			t.Fatal(err)
		}
		seen("owner", "member")
		give("owner", fmt.Sprintf(`{"agent_id":%q}`, s.ids["mate"]))
		seen("owner", "member", "mate")
	})
}
