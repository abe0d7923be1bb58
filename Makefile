# Everything that is done with this repository. It needs Go, git and make; other
# tools are built by Go at the versions in go.mod.

GO       ?= go
# Where a build puts its programs.
BIN      := bin
PACKAGES := ./...
# Packages whose tests run a second time with the race detector: those that
# start goroutines.
RACE     := ./runtime/... ./lang/compile/... ./lang/lsp/... ./internal/discover/... ./internal/cli/...
# Adapters whose libraries take minutes to compile for the race detector.
SLOW     := openai|anthropic|ollama|mcp|providers|postgres
FUZZTIME ?= 10s
# Edits of the random editor, see lang/ide.
EDITS    ?= 100000
# Generated cases that `make fuzz` compares with CPython.
CASES    ?= 200000
# Sizes of crash, soak and schedules.
CRASHES   ?= 200
SOAK      ?= 100000
SCHEDULES ?= 1000000
EXAMPLE  := examples/support-triage

# Everything is pure Go, and one setting means that each library is compiled once.
# The race detector alone needs cgo.
export CGO_ENABLED := 0

# Systems that the extension of Visual Studio Code is packed for.
VSCODE_TARGETS ?= linux-x64 linux-arm64 darwin-x64 darwin-arm64 win32-x64 win32-arm64

.PHONY: vscode vscode-e2e
.PHONY: all build run test lint fmt-check vet staticcheck unit race race-all golden generate fuzz faults bench crash soak schedules clean

all: build

## build: hexc, hexc-run (its commands that execute), the adapters and the language server, in bin/
build:
	$(GO) build -trimpath -o $(BIN)/hexc-run ./cmd/hexc
	$(GO) build -trimpath -tags front -o $(BIN)/ ./cmd/...

## run: checks, builds, runs and explains an example, without network or keys
run: build
	$(BIN)/hexc check $(EXAMPLE)
	$(BIN)/hexc build $(EXAMPLE)/triage.yaml -o $(BIN)/triage.hexir
	$(BIN)/hexc run $(BIN)/triage.hexir --input @$(EXAMPLE)/input.json
	$(BIN)/hexc explain $(EXAMPLE)/triage.yaml
	$(BIN)/hexc explain $(EXAMPLE)/triage.yaml call_engineer

## test: everything that continuous integration checks
test: lint unit race

lint: fmt-check vet staticcheck

fmt-check:
	@files=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

vet:
	$(GO) vet $(PACKAGES)
	$(GO) vet -tags front ./cmd/hexc

staticcheck:
	$(GO) tool staticcheck $(PACKAGES)
	$(GO) tool staticcheck -tags front ./cmd/hexc

# Unit, golden, script and corpus tests.
unit:
	$(GO) test $(PACKAGES)
	$(GO) test -tags schemagen ./lang/shape ./internal/schemagen/...

race:
	@packages=$$($(GO) list $(RACE) | grep -Ev '/adapter/($(SLOW))$$') && CGO_ENABLED=1 $(GO) test -short -race $$packages

## race-all: with the race detector also what takes minutes to compile for it
race-all:
	@packages=$$($(GO) list $(RACE)) && CGO_ENABLED=1 $(GO) test -race $$packages

## golden: rewrite the golden files; look at the difference before you commit it
golden:
	@for package in $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u); do \
		$(GO) test $$package -update || exit 1; done

## generate: tables and documents that are made from others
generate:
	$(GO) generate $(PACKAGES)

## fuzz: 200,000 expressions and 200,000 operations against CPython, then every
## fuzz test for FUZZTIME each
fuzz: faults
	EXPR_ORACLE_CASES=$(CASES) $(GO) test -count=1 -timeout 60m -run '^TestCPythonAgrees$$' ./lang/expr
	HEXDAG_VALUE_CASES=$(CASES) $(GO) test -count=1 -timeout 60m -run 'LikeCPython' ./lang/value
	@grep -rn --include='*_test.go' '^func Fuzz' . | sed 's/^\(.*\)\/[^/]*:[0-9]*:func \(Fuzz[A-Za-z0-9_]*\).*/\1 \2/' | \
	while read package name; do echo "$$package $$name"; \
		$(GO) test -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) $$package || exit 1; done
	HEXDAG_EDITOR_STEPS=$(EDITS) $(GO) test -run TestRandomEditor -timeout 60m ./lang/ide

## faults: every fault that can be planted into the valid manifests, and how many are found at their place
faults:
	FAULTS=0 $(GO) test -count=1 -v -run '^TestFaultsAreFound$$' ./internal/faultseed

## bench: speed and memory, as ratios to known programs, and Go benchmarks
bench:
	$(GO) run ./internal/bench
	$(GO) run ./internal/exprbench
	$(GO) run ./internal/editorbench
	$(GO) run ./internal/runbench
	$(GO) test -run '^$$' -bench . -benchmem ./lang/syntax/... ./lang/format/... ./lang/expr/... ./runtime/engine/...

## crash: a process under load is killed at CRASHES random instants
crash:
	HEXDAG_CRASHES=$(CRASHES) $(GO) test -count=1 -timeout 60m -v -run '^TestKilledAtRandomInstants$$' ./runtime

## soak: SOAK runs, after which memory and run store must be as large as early on
soak:
	HEXDAG_SOAK=$(SOAK) $(GO) test -count=1 -timeout 60m -v -run 'StaysFlat$$' ./runtime

## schedules: SCHEDULES random schedules of the machine on a virtual clock
schedules:
	MACHINE_SCHEDULES=$(SCHEDULES) $(GO) test -count=1 -timeout 120m -run '^TestSchedules$$' ./runtime/machine

## vscode: the extension with its server, one .vsix for each system, in bin/vscode/; needs Node.js and npm
vscode:
	cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm run check && npm run compile
	cp LICENSE editors/vscode/LICENSE
	mkdir -p $(BIN)/vscode
	@set -e; for target in $(VSCODE_TARGETS); do \
		os=$${target%-*}; arch=$${target#*-}; suffix=; \
		if [ $$os = win32 ]; then os=windows; suffix=.exe; fi; \
		if [ $$arch = x64 ]; then arch=amd64; fi; \
		rm -rf editors/vscode/bin; \
		GOOS=$$os GOARCH=$$arch CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o editors/vscode/bin/hexdag-lsp$$suffix ./cmd/hexdag-lsp; \
		(cd editors/vscode && npm exec --no -- vsce package --no-dependencies --target $$target -o "$(abspath $(BIN))/vscode/hexdag-$$target.vsix"); \
	done
	rm -rf editors/vscode/bin

# Where vscode-e2e installs an editor.
TOOLS ?= $(BIN)/vscode-e2e

## vscode-e2e: drives the packed extension in a real Visual Studio Code in a browser; says so and skips where none can be installed
vscode-e2e:
	$(MAKE) vscode VSCODE_TARGETS=linux-x64
	@status=0; editors/vscode/e2e/install.sh "$(TOOLS)" || status=$$?; \
	if [ $$status = 3 ]; then echo "vscode-e2e: skipped, see above"; exit 0; fi; \
	[ $$status = 0 ] && "$(TOOLS)/node/node_modules/node/bin/node" editors/vscode/e2e/run.mjs $(BIN)/vscode/hexdag-linux-x64.vsix "$(TOOLS)" "$(TOOLS)/pictures"

clean:
	rm -rf $(BIN)
