package access

import "slices"

// Role is what a user is in the workspace: a set of permissions with a visibility.
type Role string

// The built-in roles, from the most to the least.
const (
	Owner      Role = "owner"
	Admin      Role = "admin"
	Supervisor Role = "supervisor"
	Agent      Role = "agent"
)

// Visibility is how much of the workspace's work a role sees.
type Visibility string

// The visibilities. Each also sees what names its user.
const (
	Own               Visibility = "own"
	OwnAndUnassigned  Visibility = "own_and_unassigned"
	Team              Visibility = "team"
	TeamAndUnassigned Visibility = "team_and_unassigned"
	All               Visibility = "all"
)

func (v Visibility) unassigned() bool {
	return v == All || v == OwnAndUnassigned || v == TeamAndUnassigned
}

func (v Visibility) team() bool { return v == All || v == Team || v == TeamAndUnassigned }

// Permission is one thing that a role may do, within what it sees.
type Permission string

// The permissions.
const (
	ReadConversations   Permission = "conversation.read"
	Reply               Permission = "conversation.reply"
	Note                Permission = "conversation.note"
	EditConversations   Permission = "conversation.edit" // status, snoozing, type, priority, labels
	Assign              Permission = "conversation.assign"
	ReadContacts        Permission = "contact.read"
	EditContacts        Permission = "contact.edit"
	MergeContacts       Permission = "contact.merge"
	ReadFiles           Permission = "file.read"
	UploadFiles         Permission = "file.upload"
	ReadUsers           Permission = "user.read"
	ManageUsers         Permission = "user.manage"
	ManageTeams         Permission = "team.manage"
	ReadRouting         Permission = "routing.read" // rules
	ManageRouting       Permission = "routing.manage"
	ManagePresence      Permission = "presence.manage" // of others
	WatchFloor          Permission = "floor.watch"     // the board of queues, agents and channels
	ManageWorkspace     Permission = "workspace.manage"
	ReadChannels        Permission = "channel.read"
	ManageChannels      Permission = "channel.manage"
	ManageFailedSends   Permission = "failed_send.manage"
	ManageDeadLetters   Permission = "dead_letter.manage"
	ReadAudit           Permission = "audit.read"
	ReadNotifications   Permission = "notification.read"
	ReadConditionFields Permission = "condition.read"
	ManageDesk          Permission = "desk.manage" // labels, and what others use too: canned replies, macros, views
)

var (
	agent = []Permission{
		ReadConversations, Reply, Note, EditConversations, Assign, ReadContacts, EditContacts, MergeContacts, ReadFiles, UploadFiles,
		ReadUsers, ReadChannels, ReadNotifications, ReadConditionFields,
	}
	supervisor = append(slices.Clone(agent), ManageFailedSends, ManageDeadLetters, ReadAudit, ReadRouting, ManagePresence, WatchFloor,
		ManageDesk)
	admin = append(slices.Clone(supervisor), ManageUsers, ManageTeams, ManageRouting, ManageWorkspace, ManageChannels)
)

// roles says what each built-in role may do and see.
var roles = map[Role]struct {
	permissions []Permission
	sees        Visibility
}{
	Owner:      {admin, All},
	Admin:      {admin, All},
	Supervisor: {supervisor, All},
	Agent:      {agent, OwnAndUnassigned},
}

// Valid reports whether the role exists.
func (r Role) Valid() bool {
	_, known := roles[r]
	return known
}

// Permissions lists what the role may do.
func (r Role) Permissions() []Permission { return roles[r].permissions }

// Can reports whether the role has the permission.
func (r Role) Can(p Permission) bool { return slices.Contains(roles[r].permissions, p) }

// Visibility is how much the role sees. A role that does not exist sees nothing but what names its user.
func (r Role) Visibility() Visibility {
	if known, ok := roles[r]; ok {
		return known.sees
	}
	return Own
}
