package routing

import (
	"testing"

	"wasl/store/storetest"
)

// What is stored is written and read as the driver would, so that both engines and all releases understand it.
func TestDocumentsAreTheDriversOwn(t *testing.T) {
	storetest.Codec[Route](t)
	storetest.Codec[Load](t)
	storetest.Codec[Presence](t)
	storetest.Codec[order](t)
	storetest.Codec[floorEntry](t)
	storetest.Codec[checkpoint](t)
	storetest.Codec[Policy](t)
	storetest.Codec[answers](t)
	storetest.Codec[AutoMessage](t)
}
