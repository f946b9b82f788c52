package main

import (
	"fmt"
	"strings"
	"testing"
)

// What is not as the gateway says of its staff is seen, and nothing else is said then.
func TestTheCheckerSeesWhatIsGivenWrongly(t *testing.T) {
	for want, spoil := range map[string]func(*picture, *board){
		"": func(*picture, *board) {},
		"waits for nobody": func(p *picture, b *board) {
			p.conversations["c2"].TeamID, b.Queues[0].Length = "", 0
			p.conversations["c2"].Inbound = 1
		},
		"but is said to have":    func(_ *picture, b *board) { b.Agents[0].ByKind["sms"] = 1 },
		"does not have it":       func(p *picture, _ *board) { p.conversations["c1"].AssigneeID = "usr_1" },
		"but 1 wait for it":      func(_ *picture, b *board) { b.Queues[0].Length = 0 },
		"of which usr_0 could":   func(_ *picture, b *board) { b.Agents[0].State = "online" },
		"but 2 wait for it":      func(p *picture, _ *board) { p.conversations["c1"].AssigneeID = "" },
		"is offered 1, but is s": func(_ *picture, b *board) { b.Agents[1].Conversations = []held{{"c3", true}} },
	} {
		s := &staff{agents: []*user{{id: "usr_0"}, {id: "usr_1"}}, teams: [2]string{"team", "other"}}
		p := &picture{conversations: map[string]*conversation{
			"c1": {ID: "c1", Status: "open", TeamID: "team", AssigneeID: "usr_0"},
			"c2": {ID: "c2", Status: "open", TeamID: "team"},
			"c3": {ID: "c3", Status: "resolved", TeamID: "team"},
		}}
		b := &board{
			Queues: []boardQueue{{"team", 1}, {"other", 0}},
			Agents: []boardAgent{
				{"usr_0", "away", map[string]int{"whatsapp": 1}, []held{{"c1", false}}},
				{"usr_1", "offline", map[string]int{}, nil},
			},
		}
		v := &verdict{}
		spoil(p, b)
		s.judgeBoard(v, p, b)
		if said := fmt.Sprint(v.wrong); want == "" && len(v.wrong) > 0 || !strings.Contains(said, want) {
			t.Errorf("%q: %s", want, said)
		}
	}
}
