# Archives and packages of what was built for this machine's platform, in build/dist.

DIST := $(BUILD)/dist
RELEASE_EMULATOR ?= $(TARGET)/release/descope-ml-emulator
# The time that archives and packages carry: that of the commit.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)

.PHONY: release-emulator debian-packages test-packages

release-emulator:
	$(CARGO) build --quiet --release --package descope-ml-emulator

# libdescope-ml1, libdescope-ml-dev and descope-ml-emulator. Needs dpkg-dev and debhelper.
debian-packages: library release-emulator
	VERSION=$(VERSION) packaging/debian.sh $(LIBRARY) $(STATIC_LIBRARY) $(RELEASE_EMULATOR) $(DIST)

test-packages: debian-packages dev-deps
	@$(TEST_ENVIRONMENT) DESCOPE_ML_DIST=$(DIST) $(PYTHON) -m pytest -q tests/packages.py
