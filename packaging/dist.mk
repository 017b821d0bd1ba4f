# Packages of what was built for this machine, in build/dist.

DIST := $(BUILD)/dist
RELEASE_EMULATOR ?= $(TARGET)/release/descope-ml-emulator
# The time that archives and packages carry: that of the commit.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)

.PHONY: release-emulator debian-packages rpm-packages test-packages

release-emulator:
	$(CARGO) build --quiet --release --package descope-ml-emulator

# Two for the library and one for the emulator. They need dpkg-dev and debhelper, and rpmbuild.
debian-packages: PACK = packaging/debian.sh
rpm-packages: PACK = packaging/rpm.sh
debian-packages rpm-packages: library release-emulator
	VERSION=$(VERSION) $(PACK) $(LIBRARY) $(STATIC_LIBRARY) $(RELEASE_EMULATOR) $(DIST)

test-packages: debian-packages rpm-packages dev-deps
	@$(TEST_ENVIRONMENT) DESCOPE_ML_DIST=$(DIST) $(PYTHON) -m pytest -q tests/packages.py
