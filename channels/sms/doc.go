// Package sms speaks SMS and MMS over Twilio's Programmable Messaging.
//
// What must always be true: a webhook is proven over the public address that Twilio was given and every parameter that came; our own
// id travels in the address of the status callback, so that a report settles what an interrupted call left open.
package sms
