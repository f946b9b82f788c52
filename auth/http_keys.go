package auth

import (
	"regexp"

	"wasl/internal/errs"
)

// maxKeys bounds how many actions of the app have a key of one user's own.
const maxKeys = 200

var (
	// actionForm is the id of an action of the app, which alone knows which there are.
	actionForm = regexp.MustCompile(`^[a-zA-Z]{1,40}$`)
	// keyForm is a physical key as KeyboardEvent.code names it, with what is held meanwhile, or two of them one after the other.
	keyForm = regexp.MustCompile(`^` + oneKey + `( ` + oneKey + `)?$`)
)

const oneKey = `(Mod\+)?(Alt\+)?(Shift\+)?[A-Z][A-Za-z0-9]{0,24}`

// checkKeys refuses what is no choice of keys: by an action's id the key that does it, or nothing where none shall.
func checkKeys(keys map[string]string) error {
	if len(keys) > maxKeys {
		return errs.InvalidField("invalid_key", "keys", "at most 200 actions")
	}
	for action, key := range keys {
		if !actionForm.MatchString(action) || key != "" && !keyForm.MatchString(key) {
			return errs.InvalidField("invalid_key", "keys."+action, "a physical key such as KeyE, Alt+Shift+KeyE or KeyG KeyI; empty: none")
		}
	}
	return nil
}

// viewKeys is never null.
func viewKeys(u *User) map[string]string {
	if u.Keys == nil {
		return map[string]string{}
	}
	return u.Keys
}
