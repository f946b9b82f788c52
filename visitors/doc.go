// Package visitors is the visitor's side of a website chat: what the page's script (frontend/widget) asks from the gateway.
//
// A visitor has a token that their browser keeps. It shows them their own conversation in a view of its own, lets them upload files
// and listen to a live socket. What they write goes to the channel's webhook, like what any provider reports (channels/widget).
package visitors
