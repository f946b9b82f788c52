package routing

import (
	"fmt"
	"regexp"
	"slices"

	"wasl/channels"
	"wasl/internal/errs"
	"wasl/store"
)

// Profile is what decides about a user's work besides their teams. It is a document beside the user, whose id it has: skills and capacities
// mean something to routing only, and the user is read with every request.
type Profile struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string   `bson:"workspace_id"`
	Skills      []Skill  `bson:"skills"` // by key
	Capacity    Capacity `bson:"capacity"`
	HoursID     string   `bson:"hours_id,omitempty"` // when the user works; empty: at any time
}

// Skill is a user's level in a skill.
type Skill struct {
	Key   string `bson:"key" json:"key" minLength:"1" maxLength:"60"`
	Level int    `bson:"level" json:"level" minimum:"1" maximum:"5"`
}

// Capacity is how much a user is given by the engine at a time.
type Capacity struct {
	// Total bounds the sum of the weights; nil: defaultTotal.
	Total *int `bson:"total,omitempty" json:"total,omitempty" minimum:"0" maximum:"1000"`
	// Weights say how much a conversation of a kind of channel counts; 1 where none is given.
	Weights map[string]int `bson:"weights,omitempty" json:"weights,omitempty"`
	// ByKind bounds the number of conversations of a kind of channel besides.
	ByKind map[string]int `bson:"by_kind,omitempty" json:"by_kind,omitempty"`
}

// defaultTotal is the capacity of whom nobody has given one.
const defaultTotal = 10

const (
	maxWeight  = 100
	maxByKind  = 1000
	maxLearned = 100 // skills of a user
)

var profileSchema = store.Schema{Name: "routing_profiles"}

func (c *Capacity) total() int {
	if c.Total == nil {
		return defaultTotal
	}
	return *c.Total
}

func (c *Capacity) weight(kind string) int {
	if w, given := c.Weights[kind]; given {
		return w
	}
	return 1
}

// used is the sum of the weights of a load.
func (c *Capacity) used(load map[string]int) (sum int) {
	for kind, n := range load {
		sum += n * c.weight(kind)
	}
	return sum
}

// fits reports whether one more of the kind does.
func (c *Capacity) fits(load map[string]int, kind string) bool {
	if most, given := c.ByKind[kind]; given && load[kind] >= most {
		return false
	}
	return c.used(load)+c.weight(kind) <= c.total()
}

// full reports whether no more of any kind that there is fits.
func (c *Capacity) full(load map[string]int) bool {
	return !slices.ContainsFunc(channels.Kinds, func(kind channels.Kind) bool { return c.fits(load, string(kind)) })
}

// check refuses kinds that there are not, and numbers out of bounds.
func (c *Capacity) check() error {
	for _, part := range []struct {
		field  string
		values map[string]int
		least  int
		most   int
	}{{"capacity.weights", c.Weights, 0, maxWeight}, {"capacity.by_kind", c.ByKind, 0, maxByKind}} {
		for kind, n := range part.values {
			if !slices.Contains(channels.Kinds, channels.Kind(kind)) {
				return errs.InvalidField("invalid_capacity", part.field, fmt.Sprintf("kinds of channels: %v", channels.Kinds))
			}
			if n < part.least || n > part.most {
				return errs.InvalidField("invalid_capacity", part.field, fmt.Sprintf("numbers from %d to %d", part.least, part.most))
			}
		}
	}
	return nil
}

// languageSkill begins the keys of the skills of languages, which are always there: lang:he.
const languageSkill = "lang:"

var (
	skillForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)
	languageForm = regexp.MustCompile(`^lang:[a-z]{2,3}$`)
)

// SkillName is a skill that users may have and conversations ask for.
type SkillName struct {
	store.Meta  `bson:",inline"`
	WorkspaceID string `bson:"workspace_id"`
	Key         string `bson:"key"`
	Name        string `bson:"name"`
}

var skillSchema = store.Schema{Name: "routing_skills", Indexes: []store.Index{
	{Name: "workspace", Fields: []store.Field{store.Asc("workspace_id"), store.Asc("key")}},
}}

// maxSkills bounds the skills of a workspace.
const maxSkills = 200
