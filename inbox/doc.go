// Package inbox is the shared inbox: conversations, messages, media and search.
//
// What comes in (channels.JobInbound) becomes a message in one atomic write of contact, conversation, message, event
// and the job's end (receive.go). What an agent writes is stored as queued together with the conversation's send job
// (reply.go), which hands the messages of a conversation to the provider one at a time and in order (deliver.go).
//
// Events out: conversation.created, conversation.updated, message.created, message.updated, assignment.changed,
// notification.created. Invariants: a message's id is derived from what names it outside, so the same thing twice is one
// message; Conversation.Outbox is not empty exactly as long as the conversation has a send job; a status moves forward only.
package inbox
