package whatsapp

import (
	"encoding/json"

	"wasl/channels/meta"
)

// text is a string that the platform may also write as a number or not at all.
type text = meta.Text

type (
	// envelope is a body whose changes are read as V.
	envelope[V any] struct {
		Object string `json:"object"`
		Entry  []struct {
			entry
			Changes []change[V] `json:"changes"`
		} `json:"entry"`
	}

	entry struct {
		ID   text `json:"id"`
		Time text `json:"time"`
	}

	change[V any] struct {
		Field string `json:"field"`
		Value V      `json:"value"`
	}

	// list is looked at element by element.
	list = []json.RawMessage

	// value is the content of a change that concerns a number.
	value = valueOf[message, status]

	// valueOf is a value whose longest lists are read as M and S.
	valueOf[M, S any] struct {
		Metadata struct {
			Display text `json:"display_phone_number"`
			PhoneID text `json:"phone_number_id"`
		} `json:"metadata"`
		Contacts    []person   `json:"contacts"`
		Messages    []M        `json:"messages"`
		Echoes      []M        `json:"message_echoes"`
		Statuses    []S        `json:"statuses"`
		Errors      []apiError `json:"errors"`
		History     list       `json:"history"`
		Preferences list       `json:"user_preferences"`
		StateSync   list       `json:"state_sync"`
		Calls       list       `json:"calls"`
	}

	person struct {
		WaID     text `json:"wa_id"`
		UserID   text `json:"user_id"`
		ParentID text `json:"parent_user_id"`
		Username text `json:"username"`
		Profile  struct {
			Name     text `json:"name"`
			Username text `json:"username"`
		} `json:"profile"`
	}

	// apiError is an error inside a webhook; it is spelt otherwise than in answers.
	apiError struct {
		Code    int  `json:"code"`
		Title   text `json:"title"`
		Message text `json:"message"`
		Data    struct {
			Details text `json:"details"`
		} `json:"error_data"`
	}

	message struct {
		ID           text   `json:"id"`
		Timestamp    text   `json:"timestamp"`
		Type         string `json:"type"`
		From         text   `json:"from"`
		FromUserID   text   `json:"from_user_id"`
		FromParentID text   `json:"from_parent_user_id"`
		To           text   `json:"to"`
		ToUserID     text   `json:"to_user_id"`
		ToParentID   text   `json:"to_parent_user_id"`
		GroupID      text   `json:"group_id"`
		Origin       text   `json:"origin"`
		payload
		Context     *contextPart  `json:"context"`
		Referral    *referralPart `json:"referral"`
		System      *systemPart   `json:"system"`
		Edit        *editPart     `json:"edit"`
		Revoke      *editPart     `json:"revoke"`
		Reaction    *reactionPart `json:"reaction"`
		Unsupported struct {
			Type text `json:"type"`
		} `json:"unsupported"`
		Errors  []apiError `json:"errors"`
		History struct {
			Status text `json:"status"`
		} `json:"history_context"`
	}

	// payload is what a message says, also inside an edit.
	payload struct {
		Text struct {
			Body text `json:"body"`
		} `json:"text"`
		Image       *mediaPart       `json:"image"`
		Video       *mediaPart       `json:"video"`
		Audio       *mediaPart       `json:"audio"`
		Voice       *mediaPart       `json:"voice"`
		Document    *mediaPart       `json:"document"`
		Sticker     *mediaPart       `json:"sticker"`
		Location    *locationPart    `json:"location"`
		Contacts    []cardPart       `json:"contacts"`
		Interactive *interactivePart `json:"interactive"`
		Button      *buttonPart      `json:"button"`
		Order       *orderPart       `json:"order"`
	}

	contextPart struct {
		ID                  text `json:"id"`
		Forwarded           bool `json:"forwarded"`
		FrequentlyForwarded bool `json:"frequently_forwarded"`
		Product             *struct {
			CatalogID text `json:"catalog_id"`
			ProductID text `json:"product_retailer_id"`
		} `json:"referred_product"`
	}

	mediaPart struct {
		ID       text `json:"id"`
		MIME     text `json:"mime_type"`
		SHA256   text `json:"sha256"`
		Caption  text `json:"caption"`
		Filename text `json:"filename"`
		URL      text `json:"url"`
		Voice    bool `json:"voice"`
		Animated bool `json:"animated"`
	}

	locationPart struct {
		Latitude  *float64 `json:"latitude"`
		Longitude *float64 `json:"longitude"`
		Name      text     `json:"name"`
		Address   text     `json:"address"`
		URL       text     `json:"url"`
	}

	cardPart struct {
		Name struct {
			Formatted text `json:"formatted_name"`
			First     text `json:"first_name"`
			Last      text `json:"last_name"`
		} `json:"name"`
		Phones []struct {
			Phone text `json:"phone"`
			WaID  text `json:"wa_id"`
			Type  text `json:"type"`
		} `json:"phones"`
		Emails []struct {
			Email text `json:"email"`
		} `json:"emails"`
		Org struct {
			Company text `json:"company"`
			Title   text `json:"title"`
		} `json:"org"`
		URLs []struct {
			URL text `json:"url"`
		} `json:"urls"`
		Addresses []struct {
			Street  text `json:"street"`
			City    text `json:"city"`
			State   text `json:"state"`
			Zip     text `json:"zip"`
			Country text `json:"country"`
		} `json:"addresses"`
		Birthday text `json:"birthday"`
		VCard    text `json:"vcard"`
	}

	interactivePart struct {
		Type        string      `json:"type"`
		ButtonReply *choicePart `json:"button_reply"`
		ListReply   *choicePart `json:"list_reply"`
		FormReply   *struct {
			Name     text `json:"name"`
			Body     text `json:"body"`
			Response text `json:"response_json"`
		} `json:"nfm_reply"`
		CallPermission *struct {
			Response text `json:"response"`
		} `json:"call_permission_reply"`
	}

	choicePart struct {
		ID          text `json:"id"`
		Title       text `json:"title"`
		Description text `json:"description"`
	}

	buttonPart struct {
		Payload text `json:"payload"`
		Text    text `json:"text"`
	}

	orderPart struct {
		CatalogID text `json:"catalog_id"`
		Text      text `json:"text"`
		Items     []struct {
			ProductID text `json:"product_retailer_id"`
			Quantity  text `json:"quantity"`
			Price     text `json:"item_price"`
			Currency  text `json:"currency"`
		} `json:"product_items"`
	}

	reactionPart struct {
		MessageID text `json:"message_id"`
		Emoji     text `json:"emoji"`
	}

	editPart struct {
		OriginalID text            `json:"original_message_id"`
		Message    json.RawMessage `json:"message"`
	}

	referralPart struct {
		URL       text `json:"source_url"`
		ID        text `json:"source_id"`
		Type      text `json:"source_type"`
		Headline  text `json:"headline"`
		Body      text `json:"body"`
		Image     text `json:"image_url"`
		Video     text `json:"video_url"`
		Thumbnail text `json:"thumbnail_url"`
		ClickID   text `json:"ctwa_clid"`
		Welcome   struct {
			Text text `json:"text"`
		} `json:"welcome_message"`
	}

	systemPart struct {
		Type             text `json:"type"`
		Body             text `json:"body"`
		WaID             text `json:"wa_id"`
		NewWaID          text `json:"new_wa_id"`
		Customer         text `json:"customer"`
		UserID           text `json:"user_id"`
		ParentID         text `json:"parent_user_id"`
		PreviousID       text `json:"previous_user_id"`
		PreviousParentID text `json:"previous_parent_user_id"`
	}

	status struct {
		ID                 text       `json:"id"`
		Status             text       `json:"status"`
		Timestamp          text       `json:"timestamp"`
		RecipientID        text       `json:"recipient_id"`
		RecipientUserID    text       `json:"recipient_user_id"`
		RecipientType      text       `json:"recipient_type"`
		ParticipantID      text       `json:"recipient_participant_id"`
		ParticipantUserID  text       `json:"recipient_participant_user_id"`
		ParentRecipientID  text       `json:"parent_recipient_user_id"`
		RecipientParentID  text       `json:"recipient_parent_user_id"`
		ParentID           text       `json:"parent_user_id"`
		OpaqueCallbackData text       `json:"biz_opaque_callback_data"`
		Errors             []apiError `json:"errors"`
	}
)
