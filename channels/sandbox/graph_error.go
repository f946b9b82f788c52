package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"

	"wasl/internal/ids"
)

// graphError is an answer of the Graph API that is no success.
type graphError struct {
	status  int
	code    int
	subcode int
	title   string
	details string
	plain   bool // the title is the whole message
}

// Error returns the text as the API words it.
func (e *graphError) Error() string { return fmt.Sprintf("(#%d) %s", e.code, e.title) }

// graphTitles are the words that the API has for its codes.
var graphTitles = map[int]string{
	1: "An unknown error occurred", 2: "Service temporarily unavailable", 4: "Application request limit reached",
	33: "Parameter value is not valid", 100: "Invalid parameter", 190: "Invalid OAuth access token - Cannot parse access token",
	130429: "Rate limit hit", 131000: "Something went wrong", 131008: "Required parameter is missing",
	131009: "Parameter value is not valid", 131021: "Recipient cannot be sender", 131026: "Message undeliverable",
	131047: "Re-engagement message", 131049: "This message was not delivered to maintain healthy ecosystem engagement.",
	131050: "User has stopped marketing messages", 131051: "Unsupported message type", 131052: "Media download error",
	131053: "Media upload error", 131056: "(Business Account, Consumer Account) pair rate limit hit",
	132000: "Number of parameters does not match the expected number of params", 132001: "Template name does not exist in the translation",
	132012: "Parameter format does not match format in the created template", 132015: "Template is paused", 132016: "Template is disabled",
	132018: "There's an issue with the parameters in your template", 2200: "Callback verification failed", 2500: "Unknown path components",
	131062: "Business-scoped user IDs are not supported for this message",
}

// fail makes the error of a code, with the details that tell what is wrong with this request.
func fail(code int, details string, args ...any) *graphError {
	status := http.StatusBadRequest
	switch code {
	case 190:
		status = http.StatusUnauthorized
	case 1, 2, 131000:
		status = http.StatusInternalServerError
	}
	return &graphError{status: status, code: code, title: graphTitles[code], details: fmt.Sprintf(details, args...)}
}

// noObject is what the API says of an id that does not exist or belongs to somebody else.
func noObject(id string) *graphError {
	return &graphError{
		status: http.StatusBadRequest, code: 100, subcode: 33,
		title: fmt.Sprintf("Unsupported request. Object with ID '%s' does not exist, cannot be loaded due to missing permissions, or does not support this operation", id),
	}
}

type graphErrorBody struct {
	Message   string          `json:"message"`
	Type      string          `json:"type"`
	Code      int             `json:"code"`
	Subcode   int             `json:"error_subcode,omitempty"`
	Data      *graphErrorData `json:"error_data,omitempty"`
	Transient bool            `json:"is_transient,omitempty"`
	Trace     string          `json:"fbtrace_id"`
}

type graphErrorData struct {
	Product string `json:"messaging_product"`
	Details string `json:"details"`
}

// answerGraph writes a value, or the error as the API words it.
func answerGraph(w http.ResponseWriter, value any, err *graphError) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Facebook-Api-Version", "v26.0")
	if err == nil {
		writeJSON(w, http.StatusOK, value)
		return
	}
	body := graphErrorBody{Message: err.Error(), Type: "OAuthException", Code: err.code, Subcode: err.subcode, Trace: "A" +
		ids.Token()[:22], Transient: err.code == 1 || err.code == 2}
	if err.code == 190 || err.subcode != 0 || err.plain {
		body.Message = err.title
	}
	if err.details != "" {
		body.Data = &graphErrorData{"whatsapp", err.details}
	}
	writeJSON(w, err.status, map[string]any{"error": body})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(value) // nobody is left to be told
}
