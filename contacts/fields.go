package contacts

import (
	"slices"
	"time"

	"wasl/internal/condition"
)

// FieldOwner is the field of conditions with the user whose customer a contact is.
const FieldOwner = "contact.owner_id"

// Fields are the fields of a contact in conditions, as others see it who were merged into it.
func Fields() []condition.Field[*Contact] {
	return []condition.Field[*Contact]{
		condition.TextField("contact.name", func(c *Contact) string { return c.Name }),
		condition.ListField("contact.tags", func(c *Contact) []string { return c.Tags }, func(c *Contact, tags []string) bool {
			return slices.ContainsFunc(c.Tags, func(tag string) bool { return slices.Contains(tags, tag) })
		}),
		condition.MapField("contact.fields.*", func(c *Contact, name string) string { return c.Fields[name] }),
		condition.ChoiceField(FieldOwner, condition.User, func(c *Contact) string { return c.OwnerID }),
		condition.BoolField("contact.no_marketing", func(c *Contact) bool { return c.NoMarketing }),
		condition.TimeField("contact.created_at", func(c *Contact) time.Time { return c.CreatedAt }),
	}
}
