// Package whatsapp connects numbers of the WhatsApp Business Platform through Meta's Cloud API.
// https://developers.facebook.com/docs/whatsapp/cloud-api
//
// What arrives: messages, statuses, echoes of the phone app, imported history, and news about contacts, templates and
// the account. A person is known by a phone (wa_id), by a business-scoped user id (BSUID), by a parent BSUID, or by
// several of them; all that one signed body says about a person is in Event.Contact.
//
// # Keys
//
// The same happening reported again has the same Event.Key:
//
//	message:<wamid>                                       messages, echoes, history, reactions, edits, deletions, system notices
//	message:<wamid>:placeholder                           history's stand-in for a file; the file itself comes under message:<wamid>
//	status:<wamid>:<status>:<recipient>:<unix ms>         receipts; in a group each participant has its own
//	status:<…>:stopped                                    the refusal of marketing that such a report shows
//	call:<call id>:<event>                                calls
//	preference:<person>:<category>:<value>:<unix ms>      marketing consent
//	contact:<person>:<action>:<unix ms>                   the phone app's address book
//	notice:<field>:<business account>:<time>:<hash>       everything about the account; hash of the provider's own bytes
//
// A bare error of the platform carries no time, so the same error twice in one form counts once.
package whatsapp
