// Package sandbox stands in for the messaging providers: it speaks their API, sends their webhooks, and shows
// the customers' phones in the browser, so that the whole product runs with nobody's account and nobody's number.
//
// What is true of every provider is told once: the phones and their chats (book.go), the webhooks on their way
// (deliver.go), the faults (faults.go), the scripted traffic (traffic.go) and the page (page/). How one provider
// words it is a dialect; WhatsApp's lies in the files whatsapp_*.go.
//
// It calls nobody but the webhook address that it was given, and that only inside this machine or a private
// network unless the options say otherwise. It never calls a provider and so can never reach a real person.
package sandbox
