package instagram

import "wasl/channels/meta/messaging"

// letGo names what an account's webhooks tell that is no message and waits for no answer.
// https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram
var letGo = messaging.Names(`
	comment_poll_response creator_marketplace_invited_creator_onboarding creator_marketplace_projects follow response_feedback
	share_to_story story_insights story_poll_response story_share

	customer_information game_play in_thread_lead_form_submit
`)
