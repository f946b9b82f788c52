package messaging

import (
	"encoding/json"

	"wasl/channels/meta"
)

type (
	text = meta.Text
	// list is looked at element by element, so that a bad one does not take its siblings along.
	list = []json.RawMessage

	envelope struct {
		Object string  `json:"object"`
		Entry  []entry `json:"entry"`
	}

	entry struct {
		ID        text     `json:"id"`
		Time      text     `json:"time"`
		Messaging list     `json:"messaging"`
		Standby   list     `json:"standby"` // what another app answers
		Changes   []change `json:"changes"`
	}

	change struct {
		Field string          `json:"field"`
		Value json.RawMessage `json:"value"`
	}

	party struct {
		ID text `json:"id"`
	}

	// item is one happening; one of its parts says which.
	item struct {
		Sender    party          `json:"sender"`
		Recipient party          `json:"recipient"`
		Timestamp text           `json:"timestamp"`
		Message   *message       `json:"message"`
		Edit      *editPart      `json:"message_edit"`
		Reaction  *reactionPart  `json:"reaction"`
		Postback  *postbackPart  `json:"postback"`
		Referral  *referralPart  `json:"referral"`
		OptIn     *optInPart     `json:"optin"`
		Prior     *priorPart     `json:"prior_message"`
		Delivery  *deliveryPart  `json:"delivery"`
		Read      *readPart      `json:"read"`
		Pass      *handoverPart  `json:"pass_thread_control"`
		Take      *handoverPart  `json:"take_thread_control"`
		Request   *handoverPart  `json:"request_thread_control"`
		AppRoles  map[string]any `json:"app_roles"`
		Linking   *struct {
			Status text `json:"status"`
		} `json:"account_linking"`
		Policy *struct {
			Action text `json:"action"`
			Reason text `json:"reason"`
		} `json:"policy_enforcement"`
		Feedback *struct {
			Screens []struct {
				Questions map[string]question `json:"questions"`
			} `json:"feedback_screens"`
		} `json:"messaging_feedback"`
	}

	message struct {
		ID          text          `json:"mid"`
		Text        text          `json:"text"`
		Echo        bool          `json:"is_echo"`
		Self        bool          `json:"is_self"`
		Deleted     bool          `json:"is_deleted"`
		Unsupported bool          `json:"is_unsupported"`
		Metadata    text          `json:"metadata"`
		Attachments []attachment  `json:"attachments"`
		Referral    *referralPart `json:"referral"`
		QuickReply  *struct {
			Payload text `json:"payload"`
		} `json:"quick_reply"`
		ReplyTo struct {
			ID    text `json:"mid"`
			Story *struct {
				ID  text `json:"id"`
				URL text `json:"url"`
			} `json:"story"`
		} `json:"reply_to"`
	}

	attachment struct {
		Type    string  `json:"type"`
		Title   text    `json:"title"`
		URL     text    `json:"url"`
		Payload payload `json:"payload"`
	}

	payload struct {
		URL         text `json:"url"`
		Title       text `json:"title"`
		StickerID   text `json:"sticker_id"`
		PostID      text `json:"ig_post_media_id"`
		Coordinates *struct {
			Lat  *float64 `json:"lat"`
			Long *float64 `json:"long"`
		} `json:"coordinates"`
		// of a template that was sent
		TemplateType text      `json:"template_type"`
		Text         text      `json:"text"`
		Intro        text      `json:"intro_message"`
		Subtitle     text      `json:"subtitle"`
		CouponCode   text      `json:"coupon_code"`
		Order        text      `json:"order_number"`
		Currency     text      `json:"currency"`
		Buttons      []button  `json:"buttons"`
		Elements     []element `json:"elements"`
		Summary      struct {
			Total text `json:"total_cost"`
		} `json:"summary"`
		Product *struct {
			Elements []element `json:"elements"`
		} `json:"product"`
	}

	button struct {
		Title   text `json:"title"`
		Payload text `json:"payload"`
	}

	element struct {
		ID         text     `json:"id"`
		RetailerID text     `json:"retailer_id"`
		Title      text     `json:"title"`
		Subtitle   text     `json:"subtitle"`
		Image      text     `json:"image_url"`
		URL        text     `json:"url"`
		Buttons    []button `json:"buttons"`
	}

	editPart struct {
		ID     text `json:"mid"`
		Text   text `json:"text"`
		Number text `json:"num_edit"`
	}

	reactionPart struct {
		ID       text `json:"mid"`
		Action   text `json:"action"`
		Reaction text `json:"reaction"`
		Emoji    text `json:"emoji"`
	}

	postbackPart struct {
		ID       text          `json:"mid"`
		Title    text          `json:"title"`
		Payload  text          `json:"payload"`
		Referral *referralPart `json:"referral"`
	}

	referralPart struct {
		Ref     text `json:"ref"`
		Source  text `json:"source"`
		AdID    text `json:"ad_id"`
		From    text `json:"referer_uri"`
		Context struct {
			Title     text `json:"ad_title"`
			Photo     text `json:"photo_url"`
			Video     text `json:"video_url"`
			ProductID text `json:"product_id"`
		} `json:"ads_context_data"`
		Product struct {
			ID text `json:"id"`
		} `json:"product"`
	}

	optInPart struct {
		Type    text `json:"type"`
		Title   text `json:"title"`
		Status  text `json:"notification_messages_status"`
		Ref     text `json:"ref"`      // what we wrote into the plugin
		Payload text `json:"payload"`  // what we gave with the request
		User    text `json:"user_ref"` // of a checkbox: who that is shows with their first message
	}

	// priorPart says what a person's first message answers: a checkbox on a website, with its user_ref.
	priorPart struct {
		Source text `json:"source"`
		ID     text `json:"identifier"`
	}

	deliveryPart struct {
		IDs       []text `json:"mids"`
		Watermark text   `json:"watermark"`
	}

	readPart struct {
		ID        text `json:"mid"`
		Watermark text `json:"watermark"`
	}

	handoverPart struct {
		Metadata text `json:"metadata"`
	}

	question struct {
		Type     text `json:"type"`
		Payload  text `json:"payload"`
		FollowUp struct {
			Payload text `json:"payload"`
		} `json:"follow_up"`
	}

	// comment is what somebody wrote under a post of the account.
	comment struct {
		ID   text `json:"id"`
		Text text `json:"text"`
		From struct {
			ID       text `json:"id"`
			Username text `json:"username"`
		} `json:"from"`
	}
)
