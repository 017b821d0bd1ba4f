# Makes a release of what dist-linux, dist-windows, wheels-linux and the packages have left in DIST, and says what
# is missing for one. The Makefile at the root includes it.

.PHONY: dist-archives checksums release-check lint-workflows

# An archive of each platform whose files are in DIST.
dist-archives:
	@$(PYTHON) packaging/archives.py $(DIST) $(VERSION)

# SHA256SUMS of the files in DIST: archives, wheels and packages.
checksums:
	@cd $(DIST) && find . -maxdepth 1 -type f ! -name '.*' ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort \
		| xargs -r -d '\n' sha256sum > SHA256SUMS
	@test -s $(DIST)/SHA256SUMS || { echo "$(DIST) has no files: run \`make dist-archives\` first"; exit 1; }

# The ABI is compared by the test that compares it in each change. TAG names the tag that is being released.
TAG =
release-check: dev-deps
	$(CARGO) build --quiet --package descope-ml
	@status=0; \
		$(TEST_ENVIRONMENT) $(PYTHON) -m pytest -q tests/test_abi.py || status=1; \
		$(PYTHON) packaging/release_check.py $(if $(TAG),--tag $(TAG)) || status=1; \
		exit $$status

# The workflows of GitHub Actions. It needs Go, which builds actionlint the first time.
ACTIONLINT = $(BUILD)/actionlint/bin/actionlint
$(ACTIONLINT):
	GOBIN=$(dir $@) go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

lint-workflows: $(ACTIONLINT)
	$(ACTIONLINT) .github/workflows/*.yml
