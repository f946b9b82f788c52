package whatsapp

// letGo names the documented fields of webhooks that bring no message and no news that anybody here waits for. Fields that are neither
// among them nor understood become dead letters. https://developers.facebook.com/docs/whatsapp/webhooks/overview
var letGo = map[string]bool{
	"account_settings_update":      true, // what a person set at Meta
	"automatic_events":             true, // purchases and leads that Meta sees in a conversation, for advertisements
	"business_status_update":       true,
	"consumer_profile":             true,
	"flows":                        true, // the states of forms
	"group_lifecycle_update":       true,
	"group_participants_update":    true,
	"group_settings_update":        true,
	"group_status_update":          true,
	"messaging_handovers":          true,
	"partner_solutions":            true,
	"payment_configuration_update": true,
	"tracking_events":              true,
}
