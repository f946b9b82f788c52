package email

import (
	"context"
	"time"

	"wasl/channels"
	"wasl/channels/mailbox"
)

// SignInPage returns the address of a mail host's page on which a person lets us into their mailbox.
func (a *Adapter) SignInPage(provider string, ask channels.AuthorizationRequest) (address string, is bool) {
	return a.box.SignInPage(mailbox.Provider(provider), ask)
}

// Exchange turns what the page returned into the credentials of a mailbox.
func (a *Adapter) Exchange(ctx context.Context, provider string, done channels.AuthorizationResult) (map[string]string, error) {
	if done.Code == "" {
		return nil, mailbox.RefusedPage(done.Refused, done.Detail)
	}
	return a.box.Exchange(ctx, mailbox.Provider(provider), done)
}

// Discover finds the servers of an address.
func (a *Adapter) Discover(ctx context.Context, address string) (host channels.MailHost, certain bool) {
	return a.box.Discover(ctx, address)
}

// Ends reports whether the mailbox's owner signed in at its host: what they granted ends where nobody uses it.
func (*Adapter) Ends(account channels.Account) bool {
	return account.Credentials[mailbox.CredOAuth] != ""
}

// Renew asks the host for the grant to use from now on.
func (a *Adapter) Renew(ctx context.Context, account channels.Account) (fresh map[string]string, lasts time.Duration, err error) {
	set, err := mailbox.Parse(account.Credentials)
	if err != nil {
		return nil, 0, unusable(err)
	}
	refresh, lasts, err := a.box.Renew(ctx, set)
	if err != nil || refresh == "" || refresh == set.Refresh {
		return nil, lasts, err
	}
	return map[string]string{mailbox.CredRefresh: refresh}, lasts, nil
}
