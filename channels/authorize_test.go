package channels_test

import (
	"context"
	"testing"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/internal/secret"
	"wasl/store"
)

// host is a provider at which people sign in.
type host struct {
	*well
	asked channels.AuthorizationRequest
	came  channels.AuthorizationResult
}

func (h *host) SignInPage(provider string, ask channels.AuthorizationRequest) (string, bool) {
	h.asked = ask
	return "https://" + provider + ".example/in", provider == "google"
}

func (h *host) Exchange(_ context.Context, _ string, done channels.AuthorizationResult) (map[string]string, error) {
	h.came = done
	if done.Code == "" {
		return nil, refusal(channels.Refused)
	}
	return map[string]string{"account": "box@example.com", "box": "box", "password": "granted"}, nil
}

func TestASignInConnectsOneChannelOfWhoeverBeganIt(t *testing.T) {
	bubble(t, func(t *testing.T, disk store.Engine, box *secret.Box) {
		h := &host{well: &well{}}
		f := fetches(t, disk, box, "one", h)
		ann, bob := access.Viewer{WorkspaceID: "w", UserID: "ann"}, access.Viewer{WorkspaceID: "w", UserID: "bob"}
		stranger := access.Viewer{WorkspaceID: "other", UserID: "ann"}
		if _, _, err := f.BeginAuthorization(t.Context(), ann, "email", "nobody", ""); errs.Code(err) != "no_sign_in" {
			t.Errorf("%v", err)
		}
		id, page, err := f.BeginAuthorization(t.Context(), ann, "email", "google", "box@example.com")
		if err != nil || page != "https://google.example/in" || h.asked.State != id || h.asked.Challenge == "" ||
			h.asked.Redirect != "https://inbox.example/settings/channels/authorized" {
			t.Fatalf("%v: %s %+v", err, page, h.asked)
		}
		create := func(workspace string) error {
			_, err := f.Create(t.Context(), workspace, channels.New{
				Kind: "email", Name: "Box", Credentials: map[string]string{"authorization": id},
			})
			return err
		}
		if err := create("w"); errs.Code(err) != "authorization_over" {
			t.Errorf("before it is complete: %v", err)
		}
		code := channels.AuthorizationResult{Code: "co"}
		for _, other := range []access.Viewer{bob, stranger} {
			if _, err := f.EndAuthorization(t.Context(), other, id, code); errs.Code(err) != "authorization_over" {
				t.Errorf("somebody else: %v", err)
			}
		}
		denied := channels.AuthorizationResult{Refused: "access_denied"}
		if _, err := f.EndAuthorization(t.Context(), ann, id, denied); errs.Code(err) != "credentials_refused" {
			t.Errorf("%v", err)
		}
		account, err := f.EndAuthorization(t.Context(), ann, id, code)
		if err != nil || account != "box@example.com" || h.came.Verifier == "" || h.came.Redirect != h.asked.Redirect {
			t.Errorf("%v: %s %+v", err, account, h.came)
		}
		if err := create("other"); errs.Code(err) != "authorization_over" {
			t.Errorf("another workspace: %v", err)
		}
		if err := create("w"); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if h.with[0] != "granted" {
			t.Errorf("%v", h.with)
		}
		if err := create("w"); errs.Code(err) != "authorization_over" {
			t.Errorf("a second time: %v", err)
		}
		late, _, err := f.BeginAuthorization(t.Context(), ann, "email", "google", "")
		if err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Hour)
		if _, err := f.EndAuthorization(t.Context(), ann, late, code); errs.Code(err) != "authorization_over" {
			t.Errorf("too late: %v", err)
		}
	})
}
