package inbox

import "testing"

// TestADraftThatAnotherDeviceChangedIsNotOverwritten: whoever says what they know of it learns that it is another one by now.
func TestADraftThatAnotherDeviceChangedIsNotOverwritten(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says(ines, "wamid.IN1", "hello", 0))
		id := w.only().ID
		for _, step := range []struct {
			text string
			base *string
			code string
			left string
		}{
			{"desk", ptr(""), "<nil>", "desk"},
			{"phone", ptr(""), "changed_meanwhile", "desk"},
			{"desk", ptr(""), "<nil>", "desk"}, // the same again, whose answer was lost
			{"desk and phone", ptr("desk"), "<nil>", "desk and phone"},
			{"", ptr("desk and phone"), "<nil>", ""},
			{"phone", ptr("desk and phone"), "changed_meanwhile", ""},
			{"the newest", nil, "<nil>", "the newest"},
		} {
			if _, err := p.SaveDraft(t.Context(), ann, id, Draft{Text: step.text, Mode: "reply"}, step.base); code(err) != step.code {
				t.Errorf("%+v gives %v", step, err)
			}
			if d, err := p.Draft(t.Context(), ann, id); err != nil || d.Text != step.left {
				t.Errorf("%+v leaves %q, %v", step, d.Text, err)
			}
		}
	})
}
