package routing

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"wasl/internal/errs"
	"wasl/internal/limit"
	"wasl/internal/text"
	"wasl/internal/web"
	"wasl/store"
)

// surveyText is what the page of a survey, and the question itself, say in one language.
type surveyText struct {
	direction                              string
	open                                   string // opens a list of scores
	scores                                 [bestScore]string
	comment, send, change, thanks, closing string
	gone, goneText                         string
}

var surveyWords = map[string]surveyText{
	"en": {
		direction: "ltr", open: "Rate", scores: [bestScore]string{"Very bad", "Bad", "Fair", "Good", "Very good"},
		comment: "Would you like to add something?", send: "Send", change: "Change my answer", thanks: "Thank you for your answer",
		closing: "You can change it for a day.", gone: "This page is not available", goneText: "The link is not valid any more.",
	},
	"he": {
		direction: "rtl", open: "לדירוג", scores: [bestScore]string{"גרוע מאוד", "גרוע", "סביר", "טוב", "טוב מאוד"},
		comment: "רוצים להוסיף משהו?", send: "שליחה", change: "שינוי התשובה", thanks: "תודה על התשובה",
		closing: "אפשר לשנות אותה במשך יממה.", gone: "הדף אינו זמין", goneText: "הקישור אינו בתוקף עוד.",
	},
	"ar": {
		direction: "rtl", open: "تقييم", scores: [bestScore]string{"سيئ جدًا", "سيئ", "مقبول", "جيد", "جيد جدًا"},
		comment: "هل تودّ إضافة شيء؟", send: "إرسال", change: "تغيير الإجابة", thanks: "شكرًا على إجابتك",
		closing: "يمكنك تغييرها خلال يوم.", gone: "الصفحة غير متاحة", goneText: "لم يعد الرابط صالحًا.",
	},
}

// How often the pages are asked for from one address, and one survey is answered.
var (
	surveyAsks    = limit.Rate{Every: time.Second, Burst: 60}
	surveyAnswers = limit.Rate{Every: 10 * time.Second, Burst: 20}
)

// SurveyPages serves the pages on which customers answer where the channel has no buttons: without a script, for whoever has the link.
func (s *Service) SurveyPages(server *web.Server) {
	server.App.Get(surveyPath+":token", s.surveyPage)
	server.App.Post(surveyPath+":token", s.surveyPage)
}

func (s *Service) surveyPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	if ok, _, err := s.Inbox.Limiter.Allow(ctx, "survey-from:"+web.Client(c), surveyAsks); err != nil {
		return err
	} else if !ok {
		return errs.New(errs.RateLimited, "too_many_requests", "Too many requests. Wait a moment.")
	}
	token, answered := c.Params("token"), false
	of, err := s.surveyOf(ctx, token)
	if err == nil && c.Method() == fiber.MethodPost {
		if ok, _, err := s.Inbox.Limiter.Allow(ctx, "survey:"+of.ID, surveyAnswers); err != nil {
			return err
		} else if !ok {
			return errs.New(errs.RateLimited, "too_many_requests", "Too many requests. Wait a moment.")
		}
		score, _ := strconv.Atoi(c.FormValue("score")) // what is no number is no score
		answered = score > 0
		of, err = s.AnswerSurvey(ctx, token, score, text.Preview(strings.ToValidUTF8(c.FormValue("comment"), ""), maxComment))
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Robots-Tag", "noindex, nofollow")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	if errors.Is(err, store.ErrNotFound) {
		c.Status(fiber.StatusNotFound)
		return surveyGone(c.AcceptsLanguages("en", "he", "ar")).Render(c)
	}
	if err != nil {
		return err
	}
	return of.page(answered || of.Score > 0 && c.Query("change") == "", s.Clock.Now()).Render(c)
}

// surveyShell is the page around what a survey says.
func surveyShell(language, title string, body ...g.Node) g.Node {
	return h.Doctype(h.HTML(h.Lang(language), h.Dir(surveyWords[language].direction),
		h.Head(
			h.Meta(h.Charset("utf-8")), h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("robots"), h.Content("noindex, nofollow")), h.TitleEl(g.Text(title)), h.StyleEl(g.Raw(surveyStyle)),
		),
		h.Body(h.Main(body...)),
	))
}

func surveyGone(language string) g.Node {
	words, known := surveyWords[language]
	if !known {
		language, words = "en", surveyWords["en"]
	}
	return surveyShell(language, words.gone, h.H1(g.Text(words.gone)), h.P(g.Text(words.goneText)))
}

// page is the survey as HTML: the question, or thanks where it is answered.
func (s *Survey) page(thanks bool, now time.Time) g.Node {
	words := surveyWords[s.Language]
	open := s.AnsweredAt.IsZero() || now.Sub(s.AnsweredAt) <= changeWithin
	if s.Score > 0 && (thanks || !open) {
		return surveyShell(s.Language, words.thanks,
			h.H1(g.Text(words.thanks)), h.P(h.Class("score"), g.Textf("%d · %s", s.Score, words.scores[s.Score-1])),
			g.If(open, h.P(g.Text(words.closing))), g.If(open, h.P(h.A(h.Href("?change=1"), g.Text(words.change)))))
	}
	scores := make([]g.Node, 0, bestScore)
	for score := bestScore; score > 0; score-- {
		value := fmt.Sprint(score)
		scores = append(scores, h.Label(
			h.Input(h.Type("radio"), h.Name("score"), h.Value(value), h.Required(), g.If(s.Score == score, h.Checked())),
			h.Span(h.Class("number"), g.Text(value)), h.Span(g.Text(words.scores[score-1])),
		))
	}
	return surveyShell(s.Language, s.Question, h.Form(h.Method("post"), h.Action(surveyPath+s.token()),
		h.FieldSet(h.Legend(h.H1(h.Dir("auto"), g.Text(s.Question))), g.Group(scores)),
		h.Label(h.Class("comment"), h.Span(g.Text(words.comment)),
			h.Textarea(h.Name("comment"), h.Rows("3"), h.MaxLength("1000"), h.Dir("auto"), g.Text(s.Comment))),
		h.Button(h.Type("submit"), g.Text(words.send)),
	))
}

const surveyStyle = `:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#5b6470;--line:#d5dae1;--own:#2f5bd8}
@media(prefers-color-scheme:dark){:root{--ground:#14171b;--card:#1d2126;--ink:#eef1f4;--soft:#a3acb8;--line:#3a424c;--own:#8fb0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:17px/1.5 system-ui,"Segoe UI",Arial,sans-serif}
main{max-inline-size:32rem;margin:0 auto;padding:2rem 1.25rem}
h1{font-size:1.35rem;line-height:1.35;margin:0 0 1.25rem;overflow-wrap:anywhere}
p{color:var(--soft)}.score{font-size:1.25rem;color:var(--ink)}
fieldset{border:0;margin:0;padding:0;min-inline-size:0;display:grid;gap:.6rem}legend{padding:0}
fieldset label{display:flex;align-items:center;gap:.75rem;min-block-size:3.25rem;padding:.5rem 1rem;background:var(--card)}
fieldset label{border:1px solid var(--line);border-radius:.75rem;cursor:pointer}
fieldset label:has(:checked){border-color:var(--own);box-shadow:0 0 0 1px var(--own)}
input{inline-size:1.25rem;block-size:1.25rem;accent-color:var(--own);margin:0}
.number{font-weight:600;min-inline-size:1ch}
.comment{display:grid;gap:.4rem;margin-block:1.5rem;color:var(--soft)}
textarea{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.75rem;resize:vertical}
button{font:inherit;font-weight:600;inline-size:100%;min-block-size:3.25rem;border:0;border-radius:.75rem;cursor:pointer}
button{background:var(--own);color:#fff}
@media(prefers-color-scheme:dark){button{color:#10131a}}
a{color:var(--own)}
:focus-visible{outline:3px solid var(--own);outline-offset:2px}`
