// Command bench measures the gateway as it runs in production: the built binary with a fresh folder on loopback, signed
// WhatsApp webhooks in, live sockets out, and beside it a floor: a bare server that checks the same signature and syncs the same
// body to a file, taken in the same rounds, so that a figure reads as a ratio and not as a property of the machine.
//
// A figure counts only when everything that was acknowledged is in the store and came over every socket exactly once, although
// some webhooks are delivered twice; otherwise it is void, and the table says so. Latencies are measured from the moment
// at which a message was due (open loop), not from when the generator got round to it.
//
// Before the latencies every sender has written once: a first message makes a contact and a conversation, and is a figure of its own.
// Besides the latencies: a closed loop for a minute (sustained), a storm of three receipts to each message with one webhook in twenty
// coming twice, the same messages with routing and without, another channel beside one with a backlog of replies, two crowds of sockets of
// which each must be told everything once, and reads of a large store beside a small one. The table has what a figure must be (MISSED)
// and what it is meant to become (reached).
package main
