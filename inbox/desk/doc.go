// Package desk keeps what makes agents fast: canned replies, labels with their colours, macros and views. Each is somebody's own, a team's
// or everybody's (Shared), and who may see one is asked of access, as everywhere.
package desk
