package main

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"wasl/internal/access"
)

// The callers of the leak tests. The colleague is an agent who has nothing to do with what the agent was given; the mate is another one,
// in a team of which the colleague is no member; the stranger owns another workspace; the visitor wrote from the website, the passerby
// only opened it.
const (
	theOwner      = "owner"
	theAdmin      = "admin"
	theSupervisor = "supervisor"
	theAgent      = "agent"
	theColleague  = "colleague"
	theMate       = "mate"
	theStranger   = "stranger"
	theVisitor    = "visitor"
	thePasserby   = "passerby"
	nobodyAtAll   = "nobody"
)

// callers are asked in this order: first those who are to be refused, so that what they ask about is still there.
var callers = []string{
	nobodyAtAll, thePasserby, theVisitor, theStranger, theColleague, theMate, theAgent, theSupervisor, theAdmin, theOwner,
}

// roleOf is each user's role.
var roleOf = map[string]access.Role{
	theOwner: access.Owner, theAdmin: access.Admin, theSupervisor: access.Supervisor, theAgent: access.Agent, theColleague: access.Agent,
	theMate: access.Agent, theStranger: access.Owner,
}

var ranks = []access.Role{access.Agent, access.Supervisor, access.Admin, access.Owner}

// Who may see a word.
var (
	supervisors  = []string{theSupervisor, theAdmin, theOwner}
	thoseWithIt  = append([]string{theAgent}, supervisors...)
	theTeam      = append([]string{theMate}, supervisors...)
	theWorkspace = append([]string{theColleague, theMate}, thoseWithIt...)
)

// scope is what an operation is about. It decides who is refused although their role would do.
type scope string

const (
	public    scope = "public"    // whoever asks, with a proof of another kind where it needs one
	workspace scope = "workspace" // the caller's own workspace: what they may not see is left out
	common    scope = "common"    // an object that the whole workspace may see
	given     scope = "given"     // a conversation that the agent was given, or what belongs to one
	personal  scope = "personal"  // the agent's own, which nobody else sees
	website   scope = "website"   // the visitor's own
	socket    scope = "socket"    // frames are looked at for as long as the test takes
)

// route is what is promised about an operation. {…} in query and body is filled with what was planted; {word} with each secret.
type route struct {
	scope
	from    access.Role // the lowest role that may; empty with public, website and socket
	id      string      // which planted id goes into the path, where its segment does not say
	queries []string    // none: without
	body    string
	ok      int // what those who may are answered; 0: 200
	hidden  int // what the colleague, or the passerby, is answered instead of 404
	// once: it changes what the next caller asks about. Such operations come last, and only the first who may is answered ok.
	once bool
	// unasked: those who are signed in do not call it here.
	unasked bool
}

// spareRule is a routing rule that never holds.
const spareRule = `{"name":"Made Up","when":{"any":[]},"then":{"priority":"high"}}`

// sparePolicy is a service level that never holds.
const sparePolicy = `{"name":"Made Up","when":{"any":[]},"first_answer_minutes":5}`

// spareAuto is an automatic message that is switched off.
const spareAuto = `{"kind":"welcome","enabled":false,"text":{"en":"Made Up"}}`

// routes has every operation of the API's document.
var routes = map[string]route{
	"login": {scope: public}, "healthz": {scope: public}, "readyz": {scope: public}, "metrics": {scope: public},
	"get-webhook": {scope: public}, "post-webhook": {scope: public}, "get-webhook-status": {scope: public},
	"post-webhook-status": {scope: public},
	"get-webhook-events":  {scope: public}, "post-webhook-events": {scope: public},
	"get-linked-media": {scope: public}, // of whoever has the link: the token is the proof
	"get-widget":       {scope: public}, "start-visitor": {scope: public},
	"live-socket": {scope: socket, from: access.Agent}, "visitor-socket": {scope: socket},

	"list-visitor-messages": {scope: website, hidden: http.StatusOK},
	// no file comes with it
	"visitor-upload":    {scope: website, ok: http.StatusUnprocessableEntity, hidden: http.StatusUnprocessableEntity},
	"visitor-file":      {scope: website, queries: []string{"token={files}"}},
	"visitor-thumbnail": {scope: website, queries: []string{"token={files}"}},

	"logout": {scope: workspace, from: access.Agent, unasked: true}, // it would end the session of the next request
	"get-me": {scope: workspace, from: access.Agent}, "patch-me": {scope: workspace, from: access.Agent, body: `{"language":"en"}`},
	"list-users": {scope: workspace, from: access.Agent}, "list-presence": {scope: workspace, from: access.Agent},
	"create-user":         {scope: workspace, from: access.Admin, body: `{}`, ok: http.StatusUnprocessableEntity},
	"patch-user":          {scope: common, from: access.Admin, body: `{"name":"Renamed"}`, id: theColleague},
	"list-teams":          {scope: workspace, from: access.Agent},
	"get-team":            {scope: common, from: access.Agent},
	"create-team":         {scope: workspace, from: access.Admin, body: `{"name":"Made Up"}`, ok: http.StatusCreated},
	"patch-team":          {scope: common, from: access.Admin, body: `{"name":"commonteam"}`},
	"delete-team":         {scope: common, from: access.Admin, id: "spare_team", once: true, ok: http.StatusNoContent},
	"get-user-profile":    {scope: common, from: access.Agent},
	"patch-user-profile":  {scope: common, from: access.Admin, body: `{"team_ids":[]}`},
	"list-business-hours": {scope: workspace, from: access.Agent},
	"create-business-hours": {
		scope: workspace, from: access.Admin, body: `{"name":"Made Up","zone":"Asia/Jerusalem","week":[[],[],[],[],[],[],[]]}`,
		ok: http.StatusCreated,
	},
	"patch-business-hours":  {scope: common, from: access.Admin, body: `{"name":"commonhours"}`},
	"delete-business-hours": {scope: common, from: access.Admin, once: true, ok: http.StatusNoContent},
	"list-skills":           {scope: workspace, from: access.Agent},
	"create-skill": {
		scope: workspace, from: access.Admin, body: `{"key":"skill-{caller}","name":"Skill"}`, ok: http.StatusCreated,
	},
	"simulate-routing": {
		scope: workspace, from: access.Supervisor, body: `{"from":"2020-01-01T00:00:00Z","to":"2020-01-02T00:00:00Z"}`,
		ok: http.StatusUnprocessableEntity,
	},
	"get-simulation": { // of whoever started it
		scope: workspace, from: access.Supervisor, id: "job", ok: http.StatusNotFound,
	},
	"test-routing-condition": {
		scope: workspace, from: access.Supervisor, body: `{"when":{"all":[]}}`,
	},
	"delete-skill":          {scope: common, from: access.Admin, once: true, ok: http.StatusNoContent},
	"put-my-presence":       {scope: workspace, from: access.Agent, body: `{"state":"busy"}`},
	"put-user-presence":     {scope: common, from: access.Supervisor, body: `{"state":"busy","reason":"lunch"}`, id: theColleague},
	"list-agents":           {scope: workspace, from: access.Agent},
	"list-queues":           {scope: workspace, from: access.Agent},
	"get-board":             {scope: workspace, from: access.Supervisor},
	"take-next":             {scope: workspace, from: access.Agent, unasked: true}, // it would give them what others are asked about
	"get-routing":           {scope: given, from: access.Agent},
	"list-offers":           {scope: workspace, from: access.Agent},
	"answer-offer":          {scope: given, from: access.Agent, body: `{"accept":true}`, ok: http.StatusConflict},
	"list-routing-rules":    {scope: workspace, from: access.Supervisor},
	"create-routing-rule":   {scope: workspace, from: access.Admin, body: spareRule, ok: http.StatusCreated},
	"patch-routing-rule":    {scope: common, from: access.Admin, body: `{"name":"zebrarule"}`},
	"order-routing-rules":   {scope: workspace, from: access.Admin, body: `{"ids":[]}`, ok: http.StatusUnprocessableEntity},
	"delete-routing-rule":   {scope: common, from: access.Admin, id: "spare_rule", once: true, ok: http.StatusNoContent},
	"list-sla-policies":     {scope: workspace, from: access.Supervisor},
	"create-sla-policy":     {scope: workspace, from: access.Admin, body: sparePolicy, ok: http.StatusCreated},
	"patch-sla-policy":      {scope: common, from: access.Admin, body: `{"name":"zebrapolicy"}`},
	"order-sla-policies":    {scope: workspace, from: access.Admin, body: `{"ids":[]}`, ok: http.StatusUnprocessableEntity},
	"delete-sla-policy":     {scope: common, from: access.Admin, id: "spare_policy", once: true, ok: http.StatusNoContent},
	"list-auto-messages":    {scope: workspace, from: access.Supervisor},
	"get-survey-results":    {scope: workspace, from: access.Supervisor},
	"create-auto-message":   {scope: workspace, from: access.Admin, body: spareAuto, ok: http.StatusCreated},
	"patch-auto-message":    {scope: common, from: access.Admin, body: `{"text":{"en":"zebragreeting"}}`},
	"delete-auto-message":   {scope: common, from: access.Admin, id: "spare_auto", once: true, ok: http.StatusNoContent},
	"patch-workspace":       {scope: workspace, from: access.Admin, body: `{"country":"IL"}`},
	"list-condition-fields": {scope: workspace, from: access.Agent, queries: []string{"for=conversation"}},
	"list-audit": {
		scope: workspace, from: access.Supervisor,
		queries: []string{"", "subject={conversation}", "actor={agent}", "action=conversation.assigned"},
	},
	"get-push-key": {scope: workspace, from: access.Agent},
	"add-push-subscription": {
		scope: workspace, from: access.Agent, body: `{"endpoint":"https://push.example/1","keys":{"p256dh":"","auth":""}}`,
		ok: http.StatusUnprocessableEntity,
	},
	"remove-push-subscription": {
		scope: workspace, from: access.Agent, body: `{"endpoint":"https://push.example/1"}`, ok: http.StatusNoContent,
	},
	"test-push-subscription": {
		scope: workspace, from: access.Agent, body: `{"endpoint":"https://push.example/1"}`, ok: http.StatusNotFound,
	},
	"get-notification-settings": {scope: workspace, from: access.Agent},
	"put-notification-settings": {scope: workspace, from: access.Agent, body: theSettings},
	"list-notifications":        {scope: workspace, from: access.Agent}, "count-notifications": {
		scope: workspace,
		from:  access.Agent,
	}, "read-notifications": {scope: workspace, from: access.Agent, body: `{"all":true}`},

	"list-channels": {scope: workspace, from: access.Agent}, "get-channel": {scope: common, from: access.Agent},
	"get-channel-health": {scope: common, from: access.Agent}, "list-templates": {scope: common, from: access.Agent},
	"sync-templates": {scope: common, from: access.Agent}, "create-channel": {
		scope: workspace, from: access.Admin, body: `{}`,
		ok: http.StatusUnprocessableEntity,
	},
	"begin-authorization": {
		scope: workspace, from: access.Admin, body: `{"kind":"email","provider":"google"}`, ok: http.StatusConflict,
	},
	"complete-authorization": {
		scope: workspace, from: access.Admin, id: "spare_channel", body: `{"code":"c"}`, ok: http.StatusConflict,
	},
	"get-mail-host": {scope: workspace, from: access.Admin, queries: []string{"address=ann@gmail.com"}},
	"patch-channel": {scope: common, from: access.Admin, body: `{"name":"Desk"}`}, "check-channel": {scope: common, from: access.Admin},
	"delete-channel": {scope: common, from: access.Admin, id: "spare_channel", once: true, ok: http.StatusNoContent},

	"list-conversations": {scope: workspace, from: access.Agent, queries: []string{
		"", "status=open", "status=open&sort=priority", "status=resolved", "status=open&assignee={agent}", "contact={contact}",
		"status=open&contact={contact}", "team={team}", "status=open&team={team}",
		"filter=" + url.QueryEscape(`{"field":"contact.name","op":"contains","value":"zebra"}`),
		"status=open&filter=" + url.QueryEscape(`{"field":"text","op":"contains","value":"words"}`), "label=zebralabel",
		"status=open&label=zebralabel", "channel={channel}", "unread=true",
	}},
	"count-conversations": {scope: workspace, from: access.Agent}, "get-conversation": {scope: given, from: access.Agent},
	"list-variables":      {scope: given, from: access.Agent},
	"list-canned-replies": {scope: workspace, from: access.Agent},
	"create-canned-reply": {
		scope: workspace, from: access.Agent, body: `{"shortcut":"made-up","text":{"en":"Made Up"},"scope":"me"}`, ok: http.StatusCreated,
	},
	"patch-canned-reply":  {scope: personal, from: access.Agent, body: `{"folder":"Made Up"}`},
	"delete-canned-reply": {scope: personal, from: access.Agent, id: "spare_canned", once: true, ok: http.StatusNoContent},
	"list-views":          {scope: workspace, from: access.Agent}, "count-views": {scope: workspace, from: access.Agent},
	"create-view": {
		scope: workspace, from: access.Agent, body: `{"name":"Made Up","scope":"me","filter":{"any":[]}}`, ok: http.StatusCreated,
	},
	"patch-view":              {scope: personal, from: access.Agent, body: `{"name":"zebraview"}`},
	"delete-view":             {scope: personal, from: access.Agent, id: "spare_view", once: true, ok: http.StatusNoContent},
	"list-view-conversations": {scope: personal, from: access.Agent},
	"list-labels":             {scope: workspace, from: access.Agent},
	"create-label": {
		scope: workspace, from: access.Supervisor, body: `{"name":"commonmade","colour":"red"}`, ok: http.StatusCreated, once: true,
	},
	"patch-label":  {scope: common, from: access.Supervisor, body: `{"colour":"blue"}`},
	"delete-label": {scope: common, from: access.Supervisor, id: "spare_label", once: true, ok: http.StatusNoContent},
	"list-macros":  {scope: workspace, from: access.Agent},
	"create-macro": {
		scope: workspace, from: access.Agent, body: `{"name":"Made Up","scope":"me","actions":[{"action":"add_note","text":"x"}]}`,
		ok: http.StatusCreated,
	},
	"patch-macro":                {scope: personal, from: access.Agent, body: `{"name":"zebramacro"}`},
	"delete-macro":               {scope: personal, from: access.Agent, id: "spare_macro", once: true, ok: http.StatusNoContent},
	"run-macro":                  {scope: personal, from: access.Agent},
	"list-conversation-activity": {scope: given, from: access.Agent}, "list-messages": {
		scope: given, from: access.Agent,
		queries: []string{"", "around={message}"},
	},
	"patch-conversation": {scope: given, from: access.Agent, body: `{"priority":"high"}`},
	"revoke-survey":      {scope: given, from: access.Agent, ok: http.StatusNoContent},
	"bulk-conversations": {
		scope: workspace, from: access.Agent, ok: http.StatusCreated,
		body: `{"ids":["{conversation}"],"actions":[{"action":"set_priority","priority":"high"}]}`,
	},
	"undo": {
		scope: personal, from: access.Agent, body: `{"undo_token":"{undo}"}`, once: true,
	},
	"transcript-conversation": {scope: given, from: access.Agent, body: `{"format":"html"}`},
	"merge-conversations": {
		scope: given, from: access.Agent, body: `{"into":"{conversation}"}`, ok: http.StatusUnprocessableEntity,
	},
	"split-conversation": {
		scope: given, from: access.Agent, body: `{"from_message_id":"msg_none"}`, ok: http.StatusUnprocessableEntity,
	},
	"get-job":             {scope: personal, from: access.Agent},
	"stop-job":            {scope: personal, from: access.Agent},
	"assign-conversation": {scope: given, from: access.Agent, body: `{"team_id":null}`}, "read-conversation": {
		scope: given,
		from:  access.Agent,
	},
	"unread-conversation": {scope: given, from: access.Agent},
	"list-reminders":      {scope: workspace, from: access.Agent},
	"create-reminder":     {scope: given, from: access.Agent, body: `{"at":"` + tomorrow + `","text":"call"}`, ok: http.StatusCreated},
	"delete-reminder":     {scope: personal, from: access.Agent, id: "spare_reminder", once: true, ok: http.StatusNoContent},
	"get-draft":           {scope: given, from: access.Agent}, "put-draft": {
		scope: given, from: access.Agent, body: `{"text":"begun","mode":"reply"}`,
		once: true,
	},
	"create-message": {
		scope: given, from: access.Agent, body: `{"client_id":"{caller}","type":"note","text":"zebranote again"}`,
		ok: http.StatusCreated,
	},
	"retry-message": {scope: given, from: access.Agent, id: "failed", once: true}, "get-lifeline": {scope: given, from: access.Agent},
	"lock-conversation": {scope: given, from: access.Agent, body: `{"take_over":true}`}, "unlock-conversation": {
		scope: given, from: access.Agent, ok: http.StatusNoContent,
	},
	"cancel-message":   {scope: given, from: access.Agent, id: "scheduled"},
	"get-message-html": {scope: given, from: access.Agent, id: "mail"},
	"upload-media":     {scope: workspace, from: access.Agent, ok: http.StatusUnprocessableEntity}, // no file comes with it
	"get-media":        {scope: given, from: access.Agent}, "get-media-thumbnail": {scope: given, from: access.Agent},
	"search": {scope: workspace, from: access.Agent, queries: []string{"q={word}", "q={word}&from=customers&since=2020-01-01"}},

	"list-contacts": {scope: workspace, from: access.Agent, queries: []string{"", "q={word}"}}, "get-contact": {
		scope: given,
		from:  access.Agent,
	},
	"create-contact":  {scope: workspace, from: access.Agent, body: `{"name":"Made Up"}`, ok: http.StatusCreated},
	"patch-contact":   {scope: given, from: access.Agent, body: `{"name":"zebraname"}`},
	"add-identity":    {scope: given, from: access.Agent, body: `{"kind":"email","value":"zebraaddress@example.net"}`},
	"remove-identity": {scope: given, from: access.Agent, queries: []string{"kind=email&value=zebraaddress@example.net"}, once: true},
	"merge-contact":   {scope: given, from: access.Agent, body: `{"contact_id":"{another}"}`, once: true},
	"unmerge-contact": {
		scope: given, from: access.Agent, id: "merged", body: `{"merge_id":"{merge}"}`,
		once: true,
	},
	"list-suggestions": {scope: given, from: access.Agent}, "list-timeline": {
		scope: given, from: access.Agent,
		queries: []string{"", "before={message}"},
	},
	"dismiss-suggestion": {
		scope: given, from: access.Agent, body: `{"contact_id":"{merged}"}`,
		ok: http.StatusNoContent,
	},
	"begin-conversation": {scope: given, from: access.Agent, body: `{"channel_id":"{channel}"}`},

	"list-dead-letters": {scope: workspace, from: access.Supervisor}, "count-dead-letters": {scope: workspace, from: access.Supervisor},
	"list-discarded-letters": {scope: workspace, from: access.Supervisor}, "get-dead-letter-body": {scope: common, from: access.Supervisor},
	"delete-dead-letter": {scope: common, from: access.Supervisor, id: "spare_letter", once: true, ok: http.StatusNoContent},
	"replay-dead-letter": {scope: common, from: access.Supervisor, once: true}, "replay-dead-letters": {
		scope: workspace,
		from:  access.Supervisor, once: true,
	},
	"list-failed-messages": {scope: workspace, from: access.Supervisor}, "count-failed-messages": {
		scope: workspace,
		from:  access.Supervisor,
	},
	"delete-failed-message": {scope: given, from: access.Supervisor, id: "spare_failed", once: true, ok: http.StatusNoContent},
	"retry-failed-messages": {scope: workspace, from: access.Supervisor, once: true},
}

// want is the status that a caller is promised; 0: any.
func (r route) want(caller string) int {
	ok, hidden := r.ok, r.hidden
	if ok == 0 {
		ok = http.StatusOK
	}
	if hidden == 0 {
		hidden = http.StatusNotFound
	}
	role, user := roleOf[caller]
	switch {
	case r.scope == public:
		return 0
	case r.scope == website && caller == theVisitor:
		return ok
	case r.scope == website && caller == thePasserby:
		return hidden
	case r.scope == website, !user:
		return http.StatusUnauthorized
	case slices.Index(ranks, role) < slices.Index(ranks, r.from):
		return http.StatusForbidden
	case caller == theStranger && (r.scope == given || r.scope == common):
		return http.StatusNotFound
	case (caller == theColleague || caller == theMate) && r.scope == given, caller != theAgent && r.scope == personal:
		return hidden
	}
	return ok
}

// theSettings are choices of how to be told of things.
const theSettings = `{"events":{"assigned":` + allWays + `,"sla_warning":` + allWays + `,"sla_breached":` + allWays +
	`,"other":` + allWays + `,"offered":{"sound":true,"desktop":false},"message":{"sound":true,"desktop":false}},"messages":"mine"}`

// tomorrow is a time to be reminded at.
var tomorrow = time.Now().Add(24 * time.Hour).Format(time.RFC3339)

const allWays = `{"in_app":true,"sound":true,"desktop":false}`

// frameTypes says who may get each type of frame at all; which ones of a type, the secrets say.
var frameTypes = map[string][]string{
	"hello": everySocket, "pong": everySocket,
	"message.created": everySocket, "message.updated": everySocket, "conversation.updated": everySocket, "typing": everySocket,
	"conversation.created": everyUser, "contact.created": everyUser, "contact.updated": everyUser, "contact.merged": everyUser,
	"assignment.changed": everyUser, "activity.created": everyUser, "channel.updated": everyUser,
	"presence": everyUser, "viewing": everyUser, "lock": everyUser,
	"job.updated": everyUser, "team.created": everyUser, "team.updated": theWorkspace, "team.deleted": theWorkspace,
	"agent.updated": everyUser, "queue.updated": theWorkspace, "assignment.offered": supervisors, "assignment.offer_over": supervisors,
	"routing_rule.created": append([]string{theStranger}, supervisors...), "routing_rule.updated": supervisors,
	"routing_rule.deleted": supervisors,
	"board.updated":        append([]string{theStranger}, supervisors...),
	"sla_policy.created":   append([]string{theStranger}, supervisors...), "sla_policy.updated": supervisors,
	"sla_policy.deleted":   supervisors,
	"auto_message.created": append([]string{theStranger}, supervisors...), "auto_message.updated": supervisors,
	"auto_message.deleted": supervisors,
	"canned_reply.created": everyUser, "canned_reply.updated": {theAgent}, "canned_reply.deleted": {theAgent},
	"reminder.created": thoseWithIt, "reminder.deleted": {theAgent},
	"view.created": everyUser, "view.updated": {theAgent}, "view.deleted": {theAgent},
	"view.counts": everyUser, "macro.created": everyUser, "macro.updated": {theAgent}, "macro.deleted": {theAgent},
	"label.created": everyUser, "label.updated": theWorkspace, "label.deleted": theWorkspace,
	"notification.created": everyUser, "dead_letters.changed": append([]string{theStranger}, supervisors...),
}

var (
	everyUser   = append([]string{theStranger}, theWorkspace...)
	everySocket = append([]string{theVisitor, thePasserby}, everyUser...)
)

// namesOnly are the types whose frames may name an object to those who do not see it, or no longer, by its id alone.
var namesOnly = map[string]bool{"assignment.changed": true, "job.updated": true}
