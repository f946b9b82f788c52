// Package mailbox speaks IMAP and SMTP with a mail host: it fetches what lies in a mailbox and sends mails through it. It knows nothing of
// what mails mean; package email does.
//
// What must always be true: a mail is durable before the cursor passes it; what goes over the wire is encrypted; no server, however broken
// or hostile, makes us wait without end or hold more than a mail of the largest size; each failure says in plain words what mends it.
package mailbox
