// Package channels connects Wasl with messaging providers: the contract that every adapter fulfils, the
// stored Channel, the webhook endpoint and the limits of sending. Adapters live in the folders below it,
// one for each provider, and know nothing of storage or of the inbox.
package channels
