package auth

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"wasl/internal/errs"
	"wasl/internal/secret"
	"wasl/internal/web"
)

const owner = "owner@office.example"

// door lets a test try to sign in; hashing, which takes its time, is left out for what is refused before.
type door struct {
	*testing.T
	*Service
	now *hands
}

func newDoor(t *testing.T) door {
	t.Helper()
	s, now, _ := office(t)
	box, err := secret.Parse(secret.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	s.box = box
	return door{t, s, now}
}

// spend is a wrong password that is not even compared: it reports whether it would have been.
func (d door) spend(email, client, device string) bool {
	_, err := d.mayTry(d.Context(), Attempt{Email: email, Client: client, Device: device})
	if err != nil && errs.Code(err) != "too_many_attempts" {
		d.Fatal(err)
	}
	return err == nil
}

func (d door) try(client, device, password string) (SignedIn, error) {
	return d.Login(d.Context(), Attempt{Email: owner, Password: password, Client: client, Device: device})
}

// Ten wrong passwords for one account from one place, or fifteen from there for any, and it is time to wait; success forgives.
func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for range 9 {
		_, err := d.try("1.2.3.4", "", "wrong one")
		wantCode(t, err, "bad_credentials")
	}
	if _, err := d.try("1.2.3.4", "", rightPassword); err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		if !d.spend(owner, "1.2.3.4", "") {
			t.Fatalf("after a success attempt %d is refused", n)
		}
	}
	_, err := d.try("1.2.3.4", "", rightPassword)
	var wait *web.RetryError
	if !errors.As(err, &wait) || wait.After <= 0 {
		t.Fatalf("after ten wrong ones: %v", err)
	}
	d.now.now = d.now.now.Add(wait.After)
	if _, err := d.try("1.2.3.4", "", rightPassword); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	tried := 0
	for n := range 40 {
		_, err := d.Login(t.Context(), Attempt{Email: fmt.Sprintf("user%d@office.example", n), Password: "wrong one", Client: "6.6.6.6"})
		if errs.Code(err) == "bad_credentials" {
			tried++
		}
	}
	if most := perClient.Burst + 1; tried > most || tried < perClient.Burst {
		t.Errorf("one place tried %d accounts, want about %d", tried, perClient.Burst)
	}
	for n := range 40 { // an office whose people come in the morning
		if _, err := d.try("7.7.7.7", "", rightPassword); err != nil {
			t.Fatalf("right password %d from one place: %v", n, err)
		}
	}
	_, err = d.Login(t.Context(), Attempt{Email: "nobody@office.example", Password: rightPassword, Client: "9.9.9.9"})
	wantCode(t, err, "bad_credentials")
}

// Whatever strangers do, from however many places, the owner of an account signs in: where they have signed in before, and elsewhere too.
func TestNobodyLocksAnAccountForItsOwner(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	in, err := d.try("1.2.3.4", "", rightPassword)
	if err != nil || in.Device == "" {
		t.Fatalf("%+v %v", in, err)
	}
	guesses := 0
	for n := range 2000 {
		for range 12 {
			if d.spend(owner, fmt.Sprintf("10.0.%d.%d", n/256, n%256), "") {
				guesses++
			}
		}
	}
	if most := 100 + 3*2000; guesses > most {
		t.Errorf("2000 places guessed %d times, want at most %d", guesses, most)
	}
	if _, err := d.try("8.8.4.4", "", rightPassword); err != nil {
		t.Errorf("the owner, from a new place: %v", err)
	}
	for d.spend(owner, "1.2.3.4", "") { // a stranger in the owner's own network, or behind the same proxy
	}
	for n := range 25 {
		_, _ = d.Login(t.Context(), Attempt{Email: fmt.Sprintf("user%d@office.example", n), Password: "wrong one", Client: "1.2.3.4"})
	}
	again, err := d.try("1.2.3.4", in.Device, rightPassword)
	if err != nil {
		t.Fatalf("the owner, on a known device: %v", err)
	}
	if again.Device == "" || d.device(in.User.ID, again.Device) != d.device(in.User.ID, in.Device) {
		t.Error("the device is another one after the second sign-in")
	}
	tries := 0
	for d.spend(owner, fmt.Sprintf("10.9.0.%d", tries), in.Device) { // whoever took the device
		tries++
	}
	if tries != perDevice.Burst {
		t.Errorf("%d attempts on a known device", tries)
	}
}

// A mark is of one user, made here, and not for ever.
func TestOnlyMarksOfOursMakeADeviceKnown(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	in, err := d.try("1.2.3.4", "", rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, other := newDoor(t), "A"
	if in.Device[:1] == other {
		other = "B"
	}
	for what, mark := range map[string]string{
		"none": "", "made up": "AAAA", "cut": in.Device[:len(in.Device)-2], "changed": other + in.Device[1:],
		"of another installation": elsewhere.mark(in.User.ID, ""), "of another user": d.mark("usr_other", ""),
	} {
		if d.device(in.User.ID, mark) != "" {
			t.Errorf("a mark %s is known", what)
		}
	}
	d.now.now = d.now.now.Add(deviceLife + time.Minute)
	if d.device(in.User.ID, in.Device) != "" {
		t.Error("a mark lasts for ever")
	}
}
