package contacts

import (
	"fmt"
	"testing"

	"wasl/channels"
)

// However many numbers and addresses a person goes by, a contact stays a small document.
func TestAContactShowsABoundedNumberOfAddresses(t *testing.T) {
	t.Parallel()
	var f Facts
	for n := range 1500 {
		f.learn([]channels.Identity{
			{Kind: kindPhone, Value: fmt.Sprintf("+1202555%04d", n)}, {Kind: kindEmail, Value: fmt.Sprintf("a%d@b.example", n)},
		})
	}
	if len(f.Phones) != maxAddresses || len(f.Emails) != maxAddresses || f.Phones[0] != "+12025550000" {
		t.Errorf("%d phones and %d addresses", len(f.Phones), len(f.Emails))
	}
}
