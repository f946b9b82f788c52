// Package remind reminds people of what they promised a customer: a reminder belongs to one user and one conversation, and becomes a
// notice when its time has come.
//
// What must always be true: a reminder is told of exactly once, also through crashes and on any number of instances; and a promise is not
// forgotten because whoever made it has gone: whoever has the conversation by then is told instead.
package remind
