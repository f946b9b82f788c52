package jobs

import (
	"testing"

	"wasl/store/storetest"
)

// What is stored is written and read as the driver would, so that both engines and all releases understand it.
func TestDocumentsAreTheDriversOwn(t *testing.T) {
	storetest.Codec[Job](t)
	storetest.Codec[Discarded](t)
	storetest.Codec[payload](t)
	storetest.Codec[schedule](t)
}
