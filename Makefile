# `make run` shows the product, `make test` proves it; CONTRIBUTING.md says which part to run while working.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
WEB_SRC := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print)
GO_SRC  := $(shell find . -path ./frontend/node_modules -prune -o -name '*.go' -print) $(shell find channels/sandbox internal/web -type f ! -name '*.go')

.PHONY: run test build lint bench torture torture-proof openapi clean

run: bin/wasl
	./bin/wasl demo

build: bin/wasl

bin/wasl: $(GO_SRC) go.mod go.sum frontend/dist/index.html
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o $@ ./cmd/wasl

frontend/dist/index.html: $(WEB_SRC) frontend/node_modules/.installed
	cd frontend && npm run build

# Not `npm ci`: it refuses a lock file that lists the binaries of other platforms only by name.
frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json
	cd frontend && npm install --no-save --no-audit --no-fund
	touch $@

# Random days and floods of a floor, merges in any order and bulk work that is cut off: they take a minute or two, and a quarter of an hour under the
# race detector, which has the same code in shorter tests.
LONG := ^(TestAnyMergesAndSplitsLoseNothing|TestAMergeIsDoneAndUndoneOnceWhateverFails|TestBulkWorkOnAWholeViewGoesOnWhereItWasCutOff|TestReplayingADayUnchangedGivesWhatHappened|TestThePastFloorIsWhatItWas|TestAFloodKeepsItsOrder|TestAFloodHasABoundedLog)$$

# Everything: structure, Go with the race detector, the web app, and the browser against the real binary.
test: bin/wasl
	./scripts/test-needs
	$(GO) vet ./...
	$(GO) test -race -timeout 30m -skip '$(LONG)' $$($(GO) list ./... | grep -v '/channels/mailbox$$')
	$(GO) test -run '$(LONG)' ./routing ./inbox
	$(GO) test ./channels/mailbox # go-imap v2.0.0-beta.8 races with itself where a line is cut in the middle of a mail
	cd store/mongodb/ferrettest && $(GO) test ./...
	$(GO) run ./torture -for 30s -seed 1 -customers 300
	cd frontend && npm run check
	cd frontend && npm run e2e
	./scripts/test-mongodb

lint:
	$(GO) tool -modfile=tools/go.mod golangci-lint run ./...

bench: bin/wasl
	./scripts/bench

# Breaks everything around the running gateway and proves that nothing is lost: docs/torture.md. Replay with SEED=, MODE= and FOR=; SEEDS= runs several.
torture: bin/wasl
	$(GO) run ./torture $(if $(FOR),-for $(FOR)) $(if $(SEED),-seed $(SEED)) $(if $(SEEDS),-seeds $(SEEDS)) $(if $(MODE),-mode $(MODE))

# Breaks every promise on purpose and wants each found.
torture-proof: bin/wasl
	$(GO) run ./torture -proof

# The API document is made from the code, and the web app's types from the document.
openapi: bin/wasl
	./bin/wasl openapi > docs/api/openapi.json
	cd frontend && npm run generate

clean:
	rm -rf bin frontend/dist/assets frontend/dist/index.html
