// Package auth knows workspaces, their users with roles and teams, and who is calling.
//
// Every request carries a session's token (cookie or Bearer); Middleware turns it into a Viewer, and use cases
// take the workspace from the Viewer, never from the input. Passwords are argon2id, tokens are opaque, stored as hashes
// and revocable at once.
package auth
