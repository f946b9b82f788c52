package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"wasl/channels"
	"wasl/internal/access"
	"wasl/internal/errs"
	"wasl/store"
)

// ClassifiedBy says who said of what type a conversation is, or how the customer feels; empty: nobody has.
type ClassifiedBy string

// Who classifies.
const (
	ClassifiedByRule  ClassifiedBy = "rule"
	ClassifiedByModel ClassifiedBy = "classifier"
	ClassifiedByAgent ClassifiedBy = "agent"
)

// sentiments are how customers can feel.
var sentiments = []string{"positive", "neutral", "negative", "angry"}

// languages are those that a classifier knows.
var languages = []string{"en", "he", "ar"}

// Classification is what a classifier says of what a customer wrote. Confidences are between 0 and 1.
type Classification struct {
	Type                string
	TypeConfidence      float64
	TypeReason          string // the words that decided, for people
	Sentiment           string
	SentimentConfidence float64
	Language            string // en, he, ar
}

// classified is what is known of what a conversation is about beside its type.
type classified struct {
	TypeSource          ClassifiedBy `bson:"type_source,omitempty"`
	TypeConfidence      float64      `bson:"type_confidence,omitempty"`
	TypeReason          string       `bson:"type_reason,omitempty"`
	Sentiment           string       `bson:"sentiment,omitempty"`
	SentimentSource     ClassifiedBy `bson:"sentiment_source,omitempty"`
	SentimentConfidence float64      `bson:"sentiment_confidence,omitempty"`
	Language            string       `bson:"language,omitempty"`
}

// classify carries out what an edit says of what the conversation is about. What a rule or a person says is certain.
func (c *Conversation) classify(e Edit, by access.ActorKind) error {
	if of := e.Classification; of != nil {
		c.Type = of.Type
		c.Classified = classified{
			TypeSource: ClassifiedByModel, TypeConfidence: of.TypeConfidence, TypeReason: of.TypeReason, Sentiment: of.Sentiment,
			SentimentSource: ClassifiedByModel, SentimentConfidence: of.SentimentConfidence, Language: of.Language,
		}
	}
	source := ClassifiedByAgent
	if by == access.Rule {
		source = ClassifiedByRule
	}
	if e.Type != nil {
		c.Type, c.Classified.TypeReason = *e.Type, ""
		if c.Classified.TypeSource, c.Classified.TypeConfidence = source, 1; c.Type == "" {
			c.Classified.TypeSource, c.Classified.TypeConfidence = "", 0
		}
	}
	if e.Sentiment != nil {
		if !slices.Contains(sentiments, *e.Sentiment) {
			return errs.InvalidField("invalid_sentiment", "sentiment", "one of "+strings.Join(sentiments, ", "))
		}
		c.Classified.Sentiment, c.Classified.SentimentSource, c.Classified.SentimentConfidence = *e.Sentiment, source, 1
	}
	return nil
}

const (
	// openingWithin is how long before its newest message what a customer wrote is read together with it.
	openingWithin = 10 * time.Minute
	// openingMessages is how many of a customer's messages are read together.
	openingMessages = 5
)

// worded are the types of messages whose text is the customer's own.
var worded = []channels.MessageType{channels.TypeText, channels.TypeMedia, channels.TypeInteractive}

// Opening is what the customer said last in a conversation: messages that follow one another within a few minutes, behind the subject of a
// mail. It is empty where they wrote no text.
func (s *Service) Opening(ctx context.Context, workspaceID, id string) (string, error) {
	editing, err := s.open(ctx, access.Actor{}, workspaceID, id)
	if err != nil {
		return "", err
	}
	found, _, err := s.messages.Find(ctx, store.Query{Index: "thread", Eq: []any{workspaceID, id}, Limit: newestExamined})
	if err != nil {
		return "", err
	}
	var texts []string
	var newest time.Time
	for _, m := range found {
		if m.Type == "note" || m.Type == "system" || m.Direction == Out && (newest.IsZero() || m.unsaid()) {
			continue
		}
		if m.Direction != In || len(texts) == openingMessages || !newest.IsZero() && newest.Sub(m.SentAt) > openingWithin {
			break
		}
		if newest.IsZero() {
			newest = m.SentAt
		}
		if slices.Contains(worded, m.Type) && m.Text != "" && m.DeletedAt == nil {
			texts = append(texts, m.Text)
		}
	}
	if mail := editing.c.conv.Mail; mail != nil && len(texts) > 0 && mail.Subject != "" {
		texts = append(texts, mail.Subject)
	}
	slices.Reverse(texts)
	return strings.Join(texts, "\n"), nil
}
