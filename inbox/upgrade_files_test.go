package inbox

import (
	"testing"

	"wasl/channels"
	"wasl/contacts"
	"wasl/files"
	"wasl/internal/access"
	"wasl/store"
)

// earlierFile is a file as it was before files had owners.
type earlierFile struct {
	store.Meta     `bson:",inline"`
	WorkspaceID    string `bson:"workspace_id"`
	ConversationID string `bson:"conversation_id,omitempty"`
	CreatedBy      string `bson:"created_by,omitempty"`
	Used           bool   `bson:"used,omitempty"`
}

// TestFilesOfAnEarlierStoreAreSeenAsBefore, and no wider.
func TestFilesOfAnEarlierStoreAreSeenAsBefore(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		p := w.boot().connect()
		p.receive(says("12025550141", "wamid.A", "a", 0), says("12025550142", "wamid.B", "b", 0))
		earlier := store.NewCollection[earlierFile](w.disk, files.Schemas()[0])
		contact := w.contacts()[0]
		a, b := w.message("a"), w.message("b")
		a.Attachments = []channels.Attachment{{ID: "med_received"}, {ID: "med_shared"}}
		b.Attachments = []channels.Attachment{{ID: "med_shared"}, {ID: "med_gone"}}
		contact.Picture = "med_picture"
		changes := []store.Change{
			p.messages.Replace(a), p.messages.Replace(b),
			store.NewCollection[contacts.Contact](w.disk, contacts.Schemas()[0]).Replace(contact),
		}
		for _, f := range []*earlierFile{
			{Meta: store.Meta{ID: "med_received"}, ConversationID: a.ConversationID},
			{Meta: store.Meta{ID: "med_shared"}, CreatedBy: ann.UserID, Used: true},
			{Meta: store.Meta{ID: "med_unsent"}, CreatedBy: ann.UserID},
			{Meta: store.Meta{ID: "med_picture"}},
		} {
			f.WorkspaceID = "w"
			changes = append(changes, earlier.Insert(f))
		}
		if err := w.disk.Write(t.Context(), changes...); err != nil {
			t.Fatal(err)
		}
		_, err := p.change(t.Context(), boss, a.ConversationID, func(conv *Conversation, _ *change) error {
			conv.AssigneeID = ann.UserID
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // again, where it was cut off before that was noted
			for _, u := range []store.Upgrade{UpgradeFiles, contacts.UpgradePictures} {
				if err := u.Run(t.Context(), w.disk, &store.Progress{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		bob := access.Viewer{UserID: "usr_bob", WorkspaceID: "w", Role: access.Agent}
		_, known := p.Contacts.Seen(t.Context(), bob, contact.ID)
		for id, seen := range map[string]map[string]bool{
			"med_received": {ann.UserID: true}, "med_shared": {ann.UserID: true, bob.UserID: true}, "med_unsent": {ann.UserID: true},
			"med_picture": {ann.UserID: true, bob.UserID: known == nil},
		} {
			for _, v := range []access.Viewer{ann, bob} {
				if _, err := p.Files.Seen(t.Context(), v, id); (err == nil) != seen[v.UserID] {
					t.Errorf("%s, %s: %v", id, v.UserID, err)
				}
			}
		}
		p.stop()
	})
}
