// Package email speaks mail through SendGrid: its Inbound Parse in both of its modes, its Event Webhook and its v3 API.
//
// What must always be true: a mail that could be genuine is never refused for good; what a program wrote is marked, so that no
// program answers it; our own id of a message travels in its Message-ID and in the arguments that every report repeats.
package email
