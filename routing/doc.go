// Package routing gives conversations to the right agent at once, and says why.
//
// A conversation that has a team, no assignee and is open or pending waits in the team's queue (Route). Rules set team, priority and skills
// when it begins or begins again (begin.go). Whatever may let somebody take one, such as an arrival, a freed place, a presence, a profile
// or a time that was reached, adds a drain job to the write that makes it so; a drain (drain.go) takes a snapshot and asks the pure
// Snapshot.Decide for each that waits, in order. Nothing polls.
//
// Always true: a Load counts exactly the routes that are assigned or offered to its agent, because both change in one write with the
// conversation, whoever changes it (follow.go). What the engine gives is written at the version of the load that it decided by, so no race
// exceeds a capacity, and at the version of the team's order, so a team's assignments are one after the other on any number of instances.
// People's own assignments always win and may exceed capacities. A user is offline only when the store says that no instance has a socket
// of theirs (connections.go); Redis is not asked.
package routing
