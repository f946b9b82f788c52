package routing

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"wasl/channels"
	"wasl/inbox"
	"wasl/internal/web"
	"wasl/store/storetest"
)

const happy = "Are you satisfied?"

// surveyAll has every customer asked after a resolving.
func (p *process) surveyAll(edit ...func(*AutoMessage)) {
	p.w.t.Helper()
	p.automatic(Satisfaction, happy, append([]func(*AutoMessage){func(a *AutoMessage) {
		a.DelayMinutes, a.EveryDays, a.Text.Hebrew = 5, 30, ""
	}}, edit...)...)
}

// served has a customer write, a person answer and the conversation resolved.
func (p *process) served(phone, words string) string {
	p.w.t.Helper()
	id := p.says(phone, words)
	p.answersElsewhere(phone, "here you are")
	p.status(id, inbox.Resolved)
	return id
}

// asked are the questions in a conversation.
func (w *world) asked(id string) (found []*inbox.Message) {
	for _, m := range everything[inbox.Message](w, inbox.Schemas()[1]) {
		if m.ConversationID == id && strings.HasPrefix(m.Text, happy) {
			found = append(found, m)
		}
	}
	return found
}

// chooses has the customer press a row of the question.
func (p *process) chooses(phone string, of channels.Choice) string {
	p.w.t.Helper()
	return p.hears(phone, "messages", fmt.Sprintf(`"contacts":[{"profile":{"name":"Customer"},"wa_id":%[1]q}],`+
		`"messages":[{"from":%[1]q,"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":%q,"title":%q}}`,
		phone, of.ID, of.Title))
}

// later lets a time pass in which nothing runs, and starts another process.
func (p *process) later(d time.Duration) *process {
	p.stop()
	time.Sleep(d)
	q := p.w.boot(true)
	q.ch = p.ch
	return q
}

// TestACustomerIsAskedOnceAndTheirAnswerIsNoNews: what they press is the rating and leaves the conversation as it is, may be changed for
// a day, and what they write after it opens the conversation. They are not asked again within the days.
func TestACustomerIsAskedOnceAndTheirAnswerIsNoNews(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		p.surveyAll()
		phone := "972540000101"
		id := p.served(phone, "my table is broken")
		settle(4 * time.Minute)
		if n := len(w.asked(id)); n != 0 {
			t.Fatalf("asked %d times before the time", n)
		}
		settle(time.Hour)
		asked := w.asked(id)
		if len(asked) != 1 || asked[0].Interactive == nil || asked[0].Interactive.Kind != channels.List {
			t.Fatalf("asked %d times, with %+v", len(asked), asked)
		}
		if c := p.shown(id); c.Status != inbox.Resolved {
			t.Fatalf("%s because of the question", c.Status)
		}
		rows := asked[0].Interactive.Sections[0].Rows
		p.chooses(phone, rows[3])
		p.chooses(phone, rows[0]) // changes their mind
		c := p.shown(id)
		if c.Status != inbox.Resolved || c.Rating == nil || c.Rating.Score != 5 || c.WaitingSince != nil || c.InboundCount != 1 {
			t.Errorf("after the answer: %s, %+v, %d in", c.Status, c.Rating, c.InboundCount)
		}
		p = p.later(25 * time.Hour)
		p.chooses(phone, rows[4])
		if c := p.shown(id); c.Rating.Score != 5 {
			t.Errorf("%d: changed after a day", c.Rating.Score)
		}
		p.says(phone, "and one more thing")
		if c := p.shown(id); c.Status != inbox.Open {
			t.Errorf("%s after they wrote", c.Status)
		}
		p.answersElsewhere(phone, "of course")
		p.status(id, inbox.Resolved)
		settle(time.Hour)
		if n := len(w.asked(id)); n != 1 {
			t.Errorf("asked %d times within the days", n)
		}
		r, err := p.SurveyResults(t.Context(), "w", testTime, testTime.AddDate(9, 0, 0))
		if w.ok(err); r.Asked != 1 || r.Answered != 1 || r.Average != 5 || r.Scores[4] != 1 || len(r.ByChannel) != 1 {
			t.Errorf("results: %+v", r)
		}
		none := p.says("972540000102", "hello")
		p.status(none, inbox.Resolved) // nobody answered
		settle(time.Hour)
		if n := len(w.asked(none)); n != 0 {
			t.Errorf("somebody whom nobody answered was asked %d times", n)
		}
		w.exact()
	})
}

// TestOutsideTheWindowNobodyIsAsked, and the history says so.
func TestOutsideTheWindowNobodyIsAsked(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		p.surveyAll(func(a *AutoMessage) { a.DelayMinutes = 25 * 60 })
		id := p.served("972540000103", "hello")
		p.later(26 * time.Hour)
		settle(time.Minute)
		if n := len(w.asked(id)); n != 0 || w.tellings()[id+" conversation.survey_not_sent"] != 1 {
			t.Errorf("asked %d times; the history: %v", n, w.tellings())
		}
	})
}

// TestASurveyThatIsCutOffAsksAndCountsOnce, whatever write fails, and wherever the process is cut off.
func TestASurveyThatIsCutOffAsksAndCountsOnce(t *testing.T) {
	for _, fault := range storetest.Faults() {
		for n := 1; n <= 6; n++ {
			bubble(t, func(t *testing.T, w *world) {
				p := w.boot(true).connect()
				p.surveyAll()
				id := p.served("972540000104", "hello")
				settle(4 * time.Minute)
				p.engine.Fail(p.engine.Writes()+n, fault)
				settle(10 * time.Minute)
				p.engine.Kill()
				p.stop()
				ch := p.ch
				p = w.boot(true)
				p.ch = ch
				settle(10 * time.Minute)
				asked := w.asked(id)
				if len(asked) != 1 {
					t.Fatalf("%v at write %d: asked %d times", fault, n, len(asked))
				}
				choice := asked[0].Interactive.Sections[0].Rows[1]
				p.chooses("972540000104", choice)
				p.chooses("972540000104", choice)
				if r, err := p.SurveyResults(t.Context(), "w", testTime, testTime.AddDate(9, 0, 0)); err != nil || r.Answered != 1 {
					t.Errorf("%v at write %d: %+v, %v", fault, n, r, err)
				}
			})
		}
	}
}

// TestThePageOfASurvey: whoever has the link answers without a script, in their language, and changes it for a day; nobody else finds it.
func TestThePageOfASurvey(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot(true).connect()
		p.surveyAll()
		id := p.served("972540000105", "hello")
		settle(time.Hour)
		of := everything[Survey](w, surveySchema)[0]
		server := web.New(zerolog.Nop())
		p.SurveyPages(server)
		ask := func(path string, form url.Values) (int, string, http.Header) {
			t.Helper()
			r := httptest.NewRequest(http.MethodGet, path, nil)
			if form != nil {
				r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			resp, err := server.App.Test(r, -1)
			w.ok(err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			w.ok(err)
			return resp.StatusCode, string(body), resp.Header
		}
		path := surveyPath + of.token()
		if status, body, header := ask(path, nil); status != http.StatusOK || !strings.Contains(body, happy) ||
			strings.Contains(body, "<script") || !strings.Contains(header.Get("X-Robots-Tag"), "noindex") {
			t.Errorf("%d %v %s", status, header, body)
		}
		status, body, _ := ask(path, url.Values{"score": {"2"}, "comment": {"slow <b>"}})
		if status != http.StatusOK || !strings.Contains(body, "Thank you") {
			t.Errorf("%d %s", status, body)
		}
		if c := p.shown(id); c.Status != inbox.Resolved || c.Rating == nil || c.Rating.Score != 2 || c.Rating.Comment != "slow <b>" {
			t.Errorf("%s, %+v", c.Status, c.Rating)
		}
		if _, body, _ := ask(path+"?change=1", nil); !strings.Contains(body, "slow &lt;b&gt;") {
			t.Errorf("the form to change it: %s", body)
		}
		for _, bad := range []string{path + "x", surveyPath + "x", strings.Split(path, ".")[0]} {
			if status, _, _ := ask(bad, nil); status != http.StatusNotFound {
				t.Errorf("%s is %d", bad, status)
			}
		}
		ask(path, url.Values{"score": {"9"}})
		if c := p.shown(id); c.Rating.Score != 2 {
			t.Errorf("a score of 9 is taken as %d", c.Rating.Score)
		}
		w.ok(p.RevokeSurveys(t.Context(), p.boss, id))
		if status, _, _ := ask(path, nil); status != http.StatusNotFound {
			t.Errorf("%d after it was revoked", status)
		}
	})
}
