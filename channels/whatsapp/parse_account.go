package whatsapp

import (
	"bytes"
	"encoding/json"
	"strings"

	"wasl/channels"
	"wasl/channels/meta"
)

// accountValue is the content of a change about templates, the number or the business account.
type accountValue struct {
	Event    text `json:"event"`
	Decision text `json:"decision"`
	Status   text `json:"status"`
	Reason   text `json:"reason"`

	TemplateID       text `json:"message_template_id"`
	TemplateName     text `json:"message_template_name"`
	TemplateLanguage text `json:"message_template_language"`
	TemplateCategory text `json:"message_template_category"`
	NewQuality       text `json:"new_quality_score"`
	NewCategory      text `json:"new_category"`
	CorrectCategory  text `json:"correct_category"`

	Rejection struct {
		Reason         text `json:"reason"`
		Recommendation text `json:"recommendation"`
	} `json:"rejection_info"`
	Other struct {
		Description text `json:"description"`
	} `json:"other_info"`

	CurrentLimit    text `json:"current_limit"`
	MaxDaily        text `json:"max_daily_conversations_per_business"`
	MaxDailyPhone   text `json:"max_daily_conversation_per_phone"`
	Username        text `json:"username"`
	RequestedName   text `json:"requested_verified_name"`
	RejectionReason text `json:"rejection_reason"`

	Ban struct {
		State text `json:"waba_ban_state"`
		Date  text `json:"waba_ban_date"`
	} `json:"ban_info"`
	Violation struct {
		Type text `json:"violation_type"`
	} `json:"violation_info"`
	Restrictions []struct {
		Type text `json:"restriction_type"`
	} `json:"restriction_info"`
	Disconnection struct {
		Reason text `json:"reason"`
	} `json:"disconnection_info"`

	AlertType        text `json:"alert_type"`
	AlertSeverity    text `json:"alert_severity"`
	AlertDescription text `json:"alert_description"`
}

// account turns a change that carries no messages into a notice. Fields that mean nothing here are kept as unknown.
// https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference
func (p *parser) account() {
	var v accountValue
	raw := p.raw()
	meta.Decode(raw, &v)
	n, ok := accountNotice(p.field, v)
	if !ok {
		n = channels.Notice{Kind: "unknown", Title: "WhatsApp sent an update that Wasl does not use"}
		if p.field != "" {
			n.Detail = "Field " + p.field
		}
	}
	n.Raw = bytes.Clone(raw)
	p.notice(p.entry, json.RawMessage(p.field+string(raw)), n)
}

func accountNotice(field string, v accountValue) (channels.Notice, bool) {
	switch field {
	case "message_template_status_update":
		return templateStatus(v), true
	case "message_template_quality_update":
		quality := lower(v.NewQuality)
		return channels.Notice{
			Kind: "template_quality", Severity: qualitySeverity(quality), Template: v.template(channels.TemplateChange{Quality: quality}),
			Title: "Customers' rating of the template " + string(v.TemplateName) + " is now " + quality,
		}, true
	case "template_category_update":
		return templateCategory(v), true
	case "message_template_components_update":
		return channels.Notice{Kind: "template_status", Template: v.template(channels.TemplateChange{}), Title: "The template " +
			string(v.TemplateName) + " was changed"}, true
	case "phone_number_quality_update":
		return numberQuality(v), true
	case "phone_number_name_update":
		return channels.Notice{Kind: "account", Severity: decisionSeverity(v.Decision), Title: "Display name " + string(v.RequestedName) +
			": " + lower(v.Decision), Detail: notNone(v.RejectionReason)}, true
	case "business_capability_update":
		return channels.Notice{
			Kind: "limit", Title: "The account's messaging limits changed",
			Detail: limitDetail(meta.First(v.MaxDaily, v.MaxDailyPhone)),
		}, true
	case "business_username_update":
		return channels.Notice{Kind: "account", Title: "Username " + string(v.Username) + ": " + lower(v.Status)}, true
	case "account_review_update":
		return channels.Notice{Kind: "account", Severity: decisionSeverity(v.Decision), Title: "Meta's review of the account: " +
			lower(v.Decision)}, true
	case "account_alerts":
		return channels.Notice{
			Kind: "account", Severity: alertSeverity(v.AlertSeverity),
			Title: meta.First(v.AlertDescription, v.AlertType, "Meta sent an alert about the account"),
		}, true
	case "security":
		return channels.Notice{
			Kind: "security", Severity: "warning", Title: securityTitle(v.Event),
			Detail: "If nobody here did this, secure the account in Meta Business Suite now.",
		}, true
	case "account_update":
		return accountUpdate(v), true
	}
	return channels.Notice{}, false
}

func (v accountValue) template(change channels.TemplateChange) *channels.TemplateChange {
	change.ID, change.Name, change.Language = string(v.TemplateID), string(v.TemplateName), string(v.TemplateLanguage)
	return &change
}

// templateStatus reads the fate of a template. Events that leave the stored status open leave it unchanged.
func templateStatus(v accountValue) channels.Notice {
	change := channels.TemplateChange{
		Status:   lower(v.Event),
		Category: lower(v.TemplateCategory),
		Reason:   joinWords(notNone(v.Reason), string(v.Rejection.Reason), string(v.Rejection.Recommendation), string(v.Other.Description)),
	}
	n := channels.Notice{Kind: "template_status", Severity: "info", Detail: change.Reason}
	words := strings.ReplaceAll(change.Status, "_", " ")
	switch v.Event {
	case "REINSTATED":
		change.Status = "approved"
	case "FLAGGED":
		change.Status, words = "", "about to be disabled because of its rating"
		n.Severity = "warning"
	case "UNARCHIVED", "UNLOCKED":
		change.Status = ""
	case "REJECTED", "PAUSED", "DISABLED", "LIMIT_EXCEEDED", "LOCKED", "PENDING_DELETION", "DELETED":
		n.Severity = "warning"
	}
	n.Title = "The template " + string(v.TemplateName) + " is " + words
	n.Template = v.template(change)
	return n
}

func templateCategory(v accountValue) channels.Notice {
	name := string(v.TemplateName)
	if v.NewCategory == "" {
		return channels.Notice{
			Kind: "template_category", Severity: "warning", Template: v.template(channels.TemplateChange{}),
			Title: "Meta will move the template " + name + " to the category " + lower(v.CorrectCategory),
		}
	}
	return channels.Notice{
		Kind: "template_category", Severity: "warning", Template: v.template(channels.TemplateChange{Category: lower(v.NewCategory)}),
		Title: "The template " + name + " is now of the category " + lower(v.NewCategory), Detail: "Its price may be another.",
	}
}

func numberQuality(v accountValue) channels.Notice {
	n := channels.Notice{Kind: "limit", Severity: "info", Detail: limitDetail(meta.First(v.CurrentLimit, v.MaxDaily))}
	switch v.Event {
	case "FLAGGED":
		n.Kind, n.Severity, n.Title = "quality", "warning", "Customers rate the number's messages badly: its limit may go down"
	case "UNFLAGGED":
		n.Kind, n.Title = "quality", "The number's rating is good again"
	case "DOWNGRADE":
		n.Severity, n.Title = "warning", "The number's messaging limit went down"
	case "UPGRADE":
		n.Title = "The number's messaging limit went up"
	case "THROUGHPUT_UPGRADE":
		n.Title = "The number may now send faster"
	default:
		n.Title = "The number's quality changed: " + lower(v.Event)
	}
	return n
}

func accountUpdate(v accountValue) channels.Notice {
	n := channels.Notice{Kind: "account", Severity: "info", Title: "Meta changed the account: " + plain(v.Event)}
	switch v.Event {
	case "DISABLED_UPDATE":
		n.Kind, n.Severity, n.Detail = "restriction", "critical", string(v.Ban.Date)
		switch v.Ban.State {
		case "SCHEDULE_FOR_DISABLE":
			n.Title = "Meta is going to disable the account"
		case "REINSTATE":
			n.Severity, n.Title = "info", "Meta has enabled the account again"
		default:
			n.Pauses, n.Title = true, "Meta has disabled the account"
		}
	case "ACCOUNT_VIOLATION":
		n.Kind, n.Severity, n.Title, n.Detail = "restriction", "warning", "Meta found a violation of its policies", plain(v.Violation.Type)
	case "ACCOUNT_RESTRICTION":
		n.Kind, n.Severity, n.Title, n.Detail = "restriction", "critical", "Meta has restricted the account", restrictions(v)
	case "ACCOUNT_DELETED":
		n.Severity, n.Pauses, n.Title = "critical", true, "The WhatsApp Business account was deleted"
	case "PARTNER_REMOVED", "ACCOUNT_OFFBOARDED":
		n.Severity, n.Pauses, n.Title = "critical", true, "The number was disconnected from this app"
		n.Detail = joinWords(plain(v.Disconnection.Reason), "Connect it again to go on.")
	case "ACCOUNT_RECONNECTED":
		n.Title = "The number is connected to this app again"
	}
	return n
}

func restrictions(v accountValue) string {
	var words []string
	for _, r := range v.Restrictions {
		switch r.Type {
		case "RESTRICTED_BIZ_INITIATED_MESSAGING":
			words = append(words, "no templates can be sent")
		case "RESTRICTED_CUSTOMER_INITIATED_MESSAGING":
			words = append(words, "customers cannot be answered")
		case "RESTRICTED_ADD_PHONE_NUMBER_ACTION":
			words = append(words, "no numbers can be added")
		default:
			words = append(words, plain(r.Type))
		}
	}
	return strings.Join(words, "; ")
}

func securityTitle(event text) string {
	switch event {
	case "PIN_CHANGED":
		return "The number's PIN was changed"
	case "PIN_RESET_REQUEST":
		return "Somebody asked to switch off the number's PIN"
	case "PIN_RESET_SUCCESS":
		return "The number's PIN was switched off"
	}
	return "A security setting changed: " + plain(event)
}

func qualitySeverity(quality string) string {
	switch quality {
	case "red":
		return "critical"
	case "yellow":
		return "warning"
	}
	return "info"
}

func decisionSeverity(decision text) string {
	if decision == "REJECTED" || decision == "DECLINED" {
		return "warning"
	}
	return "info"
}

func alertSeverity(severity text) string {
	switch severity {
	case "CRITICAL":
		return "critical"
	case "WARNING":
		return "warning"
	}
	return "info"
}

// limitDetail says a limit such as TIER_2K in words.
func limitDetail(limit string) string {
	switch limit {
	case "":
		return ""
	case "TIER_UNLIMITED", "-1":
		return "Without limit"
	}
	return strings.TrimPrefix(limit, "TIER_") + " customers in 24 hours"
}

func notNone(reason text) string {
	if reason == "NONE" {
		return ""
	}
	return string(reason)
}

// lower writes the provider's name of a state as it is stored: lower case.
func lower(s text) string { return strings.ToLower(string(s)) }

// plain writes the provider's name of something as words.
func plain(s text) string { return strings.ReplaceAll(lower(s), "_", " ") }

func joinWords(words ...string) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, strings.TrimSuffix(w, "."))
		}
	}
	return strings.Join(out, ". ")
}
