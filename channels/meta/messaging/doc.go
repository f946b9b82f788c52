// Package messaging is the Messenger Platform as pages and Instagram accounts share it: one form of webhooks, one way to
// send. What differs between the two is a Dialect.
// https://developers.facebook.com/docs/messenger-platform
//
// # Keys
//
// The same happening reported again has the same Event.Key:
//
//	message:<mid>                          messages, postbacks, echoes of other apps
//	echo:<mid>                             the echo of what Wasl sent itself: a receipt
//	edit:<mid>:<number>, deletion:<mid>
//	reaction:<mid>:<person>:<unix ms>
//	delivered:<mid>, delivered:<person>:<unix ms>, read:<mid>, read:<person>:<unix ms>
//	consent:<person>:<unix ms>             an opt-in or opt-out of notification messages
//	notice:<account>:<time>:<hash>         everything about the account; hash of the provider's own bytes
//
// What has no id of the provider's gets one that begins with "wasl:", made of the person and the time.
package messaging
