# Packages of what is built for this machine, in DIST: of Debian, RPM, Python and Node.js.

DIST ?= $(BUILD)/dist
RELEASE_EMULATOR ?= $(TARGET)/release/descope-ml-emulator
# The time that archives and packages carry: that of the commit.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)

.PHONY: release-emulator debian-packages rpm-packages test-system-packages wheels npm-package test-packages

release-emulator:
	$(CARGO) build --quiet --release --package descope-ml-emulator

# Two for the library and one for the emulator. They need dpkg-dev and debhelper, and rpmbuild.
debian-packages: PACK = packaging/debian.sh
rpm-packages: PACK = packaging/rpm.sh
debian-packages rpm-packages: library release-emulator
	VERSION=$(VERSION) $(PACK) $(LIBRARY) $(STATIC_LIBRARY) $(RELEASE_EMULATOR) $(DIST)

test-system-packages: debian-packages rpm-packages dev-deps
	@$(TEST_ENVIRONMENT) DESCOPE_ML_DIST=$(DIST) $(PYTHON) -m pytest -q tests/system_packages.py

# What users of Python and Node.js install, for this platform. The emulator is built with PROFILE. WHEEL_FLAGS are
# options of maturin, such as --zig and --compatibility.
PROFILE ?= release
WHEEL_FLAGS ?=
MATURIN = $(BUILD)/tools/bin/maturin build --quiet --locked --out $(DIST) $(WHEEL_FLAGS)

wheels: dev-deps
	$(MATURIN) --release --manifest-path python/Cargo.toml
	$(MATURIN) --profile $(PROFILE) --manifest-path emulator/Cargo.toml

NPM_PACKAGE := $(BUILD)/npm-package
npm-package:
	$(CARGO) build --quiet --locked --profile $(PROFILE) --package descope-ml-emulator
	rm -rf $(NPM_PACKAGE)
	mkdir -p $(NPM_PACKAGE) $(DIST)
	cp emulator/npm/* emulator/README.md emulator/LICENSE emulator/THIRD-PARTY-NOTICES $(NPM_PACKAGE)
	install -D -m 755 $(TARGET)/$(PROFILE:dev=debug)/descope-ml-emulator \
		$(NPM_PACKAGE)/bin/$$(node -p 'require("./emulator/npm").platform()')/descope-ml-emulator
	cd $(NPM_PACKAGE) && npm pkg set version=$(VERSION) && npm pack --silent --pack-destination $(DIST)

# The same for the tests, with an emulator that is built in seconds, and the wheels of others that they need.
PACKAGES := $(BUILD)/packages
test-packages: $(PACKAGES)/.downloaded
	@$(MAKE) --silent wheels npm-package DIST=$(PACKAGES) PROFILE=dev
$(PACKAGES)/.downloaded: tests/requirements.txt
	$(PYTHON) -m pip download --quiet --only-binary :all: --dest $(PACKAGES) "pytest>=8"
	@touch $@
