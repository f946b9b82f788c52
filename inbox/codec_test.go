package inbox

import (
	"testing"

	"wasl/store/storetest"
)

// What is stored is written and read as the driver would, so that both engines and all releases understand it.
func TestDocumentsAreTheDriversOwn(t *testing.T) {
	storetest.Codec[Message](t)
	storetest.Codec[Conversation](t)
	storetest.Codec[Draft](t)
}
