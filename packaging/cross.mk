# Builds and tests for other platforms, and the release binaries for Linux. The Makefile at the root includes it.
#
# docs/platforms.md has the table of what ran. Debian's packages: gcc-PREFIX and g++-PREFIX of each target,
# qemu-user, and musl-tools for musl.

CROSS := $(BUILD)/cross
ZIG := $(BUILD)/zig
# `cross` builds fast, and `release` is what ships.
CROSS_PROFILE ?= release
# `--cut` runs a tenth of the rows of the case table.
CROSS_CASES ?=

# The prefix of GNU's tools for each target, as Debian names them.
GNU_x86_64-unknown-linux-gnu = x86_64-linux-gnu
GNU_x86_64-unknown-linux-musl = x86_64-linux-gnu
GNU_aarch64-unknown-linux-gnu = aarch64-linux-gnu
GNU_aarch64-unknown-linux-musl = aarch64-linux-gnu
GNU_armv7-unknown-linux-gnueabihf = arm-linux-gnueabihf
GNU_i686-unknown-linux-gnu = i686-linux-gnu
GNU_riscv64gc-unknown-linux-gnu = riscv64-linux-gnu
GNU_powerpc64le-unknown-linux-gnu = powerpc64le-linux-gnu
GNU_s390x-unknown-linux-gnu = s390x-linux-gnu
# The programs of qemu-user that run them. A processor for x86-64 runs i686 itself: with libc6-i386 and lib32stdc++6.
# In qemu 7.2's qemu-i386, glibc's pthread_create does not return.
QEMU_aarch64-unknown-linux-gnu = qemu-aarch64
QEMU_armv7-unknown-linux-gnueabihf = qemu-arm
QEMU_riscv64gc-unknown-linux-gnu = qemu-riscv64
QEMU_powerpc64le-unknown-linux-gnu = qemu-ppc64le
QEMU_s390x-unknown-linux-gnu = qemu-s390x
OTHERS = aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf i686-unknown-linux-gnu \
	riscv64gc-unknown-linux-gnu powerpc64le-unknown-linux-gnu s390x-unknown-linux-gnu

# What is released. zig links these: with no symbol of glibc above 2.17, and without libgcc_s, which
# distributions with musl do not install by default.
RELEASED = x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu \
	x86_64-unknown-linux-musl aarch64-unknown-linux-musl
GLIBC = 2.17
ZIG_TARGET = $(patsubst %-gnu,%-gnu.$(GLIBC),$(1))

# Debian has no C library of musl for other processors.
TARGETS ?= x86_64-unknown-linux-gnu x86_64-unknown-linux-musl $(OTHERS)

# zig links what is released, and whatever Debian's compiler is not installed for.
USES_ZIG = $(or $(filter $(1),$(RELEASED)),$(if $(shell command -v $(GNU_$(1))-gcc),,yes))
WITH_ZIG = PATH=$(ZIG)/bin:$$PATH PYTHONPATH=$(ZIG)
# cargo's names of variables have the target in capitals; those of ring's build script in small letters.
LOWER = $(subst -,_,$(1))
UPPER = $(shell echo $(LOWER) | tr a-z A-Z)
BUILD_WITH_ZIG = $(WITH_ZIG) $(CARGO) zigbuild --target $(call ZIG_TARGET,$(1))
BUILD_WITH_GNU = CARGO_TARGET_$(UPPER)_LINKER=$(GNU_$(1))-gcc CC_$(LOWER)=$(GNU_$(1))-gcc \
	AR_$(LOWER)=$(GNU_$(1))-ar $(CARGO) build --target $(1)
BUILD_FOR = $(if $(USES_ZIG),$(BUILD_WITH_ZIG),$(BUILD_WITH_GNU))

# The static library for musl has Rust's unwinder inside: that of gcc may be for glibc alone.
UNWINDER_FOR = $(if $(filter %-musl,$(1)),$(shell rustc --print sysroot)/lib/rustlib/$(1)/lib/self-contained/libunwind.a)
# The libraries of the profile `cross` are for tests only.
FEATURES = $(if $(filter cross,$(CROSS_PROFILE)),--features test-panic)

# musl-gcc compiles for the machine itself; there is no C++ compiler for musl.
CC_FOR = $(if $(filter %-musl,$(1)),musl-gcc,$(GNU_$(1))-gcc)
CXX_FOR = $(if $(filter %-musl,$(1)),,$(GNU_$(1))-g++)
LINK_FOR = -Iinclude -L$(CROSS)/$(1) -Wl,-rpath,$(CROSS)/$(1) -ldescope_ml
# What this machine's processor runs needs no emulator.
RUNNER_FOR = $(if $(QEMU_$(1)),$(QEMU_$(1)) -L /usr/$(GNU_$(1)))
HOW_FOR = $(if $(QEMU_$(1)),qemu-user $$($(QEMU_$(1)) --version | sed -n 's/.*version \([0-9.]*[0-9]\).*/\1/p'),natively)

.PHONY: cross test-cross check-unix dist-linux test-dist-linux wheels-linux wheels-musl platform-table

# The library for each of TARGETS, in build/cross/TARGET.
cross: $(addprefix cross-,$(TARGETS))
cross-%:
	@test -n "$(GNU_$*)" || { echo "packaging/cross.mk does not know the target $*"; exit 1; }
	@$(if $(call USES_ZIG,$*),$(MAKE) --no-print-directory $(ZIG)/.installed)
	! command -v rustup >/dev/null || rustup target list --installed | grep -qx $* || rustup target add $*
	$(call BUILD_FOR,$*) --quiet --profile $(CROSS_PROFILE) --package descope-ml $(FEATURES) \
		--target-dir $(TARGET)
	@mkdir -p $(CROSS)/$*
	@install -m 755 $(TARGET)/$*/$(CROSS_PROFILE)/libdescope_ml.so $(CROSS)/$*/libdescope_ml.so.$(ABI)
	@ln -sf libdescope_ml.so.$(ABI) $(CROSS)/$*/libdescope_ml.so
	@LD=$(GNU_$*)-ld OBJCOPY=$(GNU_$*)-objcopy AR=$(GNU_$*)-ar \
		packaging/static_library.sh $(TARGET)/$*/$(CROSS_PROFILE)/libdescope_ml.a $(CROSS)/$*/libdescope_ml.a \
		$(call UNWINDER_FOR,$*)

# The examples and the case table with the library of each of TARGETS.
test-cross: $(addprefix test-cross-,$(TARGETS))
test-cross-%: cross-% emulator python dev-deps
	$(call CC_FOR,$*) -std=c99 $(CFLAGS) tests/drivers/driver.c -o $(CROSS)/$*/driver-c $(call LINK_FOR,$*)
	$(if $(call CXX_FOR,$*),$(call CXX_FOR,$*) -std=c++17 $(CXXFLAGS) tests/drivers/driver.cpp \
		-o $(CROSS)/$*/driver-cpp $(call LINK_FOR,$*))
	@$(TEST_ENVIRONMENT) CC=$(call CC_FOR,$*) CXX=$(call CXX_FOR,$*) \
		DESCOPE_ML_LIBRARY=$(CROSS)/$*/libdescope_ml.so \
		DESCOPE_ML_STATIC_LIBRARY=$(CROSS)/$*/libdescope_ml.a \
		DESCOPE_ML_PANIC_LIBRARY=$(if $(FEATURES),$(CROSS)/$*) \
		DESCOPE_ML_C_DRIVER=$(CROSS)/$*/driver-c \
		DESCOPE_ML_CPP_DRIVER=$(if $(call CXX_FOR,$*),$(CROSS)/$*/driver-cpp) \
		DESCOPE_ML_RUNNER="$(call RUNNER_FOR,$*)" \
		$(PYTHON) tests/platforms.py run $* --how "$(call HOW_FOR,$*)" $(CROSS_CASES) \
		$(if $(filter release,$(CROSS_PROFILE)),--size-of $(CROSS)/$*/libdescope_ml.so)

# The source for macOS and FreeBSD: checked and linted. zig compiles the C in ring. Nothing is linked, which for macOS
# would need the files of its system.
UNIX = aarch64-apple-darwin x86_64-apple-darwin x86_64-unknown-freebsd
check-unix: $(addprefix check-unix-,$(UNIX))
check-unix-%: $(ZIG)/.installed dev-deps
	! command -v rustup >/dev/null || rustup target list --installed | grep -qx $* || rustup target add $*
	$(WITH_ZIG) SDKROOT=/none cargo-zigbuild clippy --quiet --all-targets --target $* --package descope-ml-core \
		--package descope-ml --target-dir $(TARGET) -- -D warnings
	@$(TEST_ENVIRONMENT) $(PYTHON) tests/platforms.py checked $*

# The results of test-cross as the table in docs/platforms.md.
platform-table:
	$(PYTHON) tests/platforms.py table

# zig and cargo-zigbuild, and what builds and checks wheels with them.
$(ZIG)/.installed: packaging/requirements-zig.txt
	@mkdir -p $(ZIG)
	$(PYTHON) -m pip install --quiet --upgrade --target $(ZIG) -r $<
	@touch $@

# The files that are released for Linux: the libraries and the headers, in build/dist/PLATFORM.
DIST_PLATFORM = $(subst -unknown,,$(1))
dist-linux: $(addprefix dist-linux-,$(RELEASED))
dist-linux-%: cross-%
	@rm -rf $(DIST)/$(call DIST_PLATFORM,$*)
	$(MAKE) --no-print-directory install-files DESTDIR=$(DIST)/$(call DIST_PLATFORM,$*) \
		PREFIX=/ LIBDIR=/lib INCLUDEDIR=/include DATADIR=/share \
		LIBRARY=$(CROSS)/$*/libdescope_ml.so STATIC_LIBRARY=$(CROSS)/$*/libdescope_ml.a

# The wheels that are released for Linux: of the Python package, for every Python from 3.9, and of the emulator.
WHEEL_PLATFORM = $(if $(filter %-musl,$(1)),musllinux_1_2,manylinux2014)
BUILD_WHEEL = $(WITH_ZIG) $(ZIG)/bin/maturin build --quiet --locked --release --zig --target $* \
	--compatibility $(call WHEEL_PLATFORM,$*) --target-dir $(TARGET) --out $(DIST)
wheels-linux: $(addprefix wheel-,$(RELEASED)) $(addprefix emulator-wheel-,$(RELEASED))
wheels-musl: $(addprefix wheel-,$(filter %-musl,$(RELEASED)))
wheel-%: $(ZIG)/.installed
	! command -v rustup >/dev/null || rustup target list --installed | grep -qx $* || rustup target add $*
	$(BUILD_WHEEL) --manifest-path python/Cargo.toml
emulator-wheel-%: $(ZIG)/.installed
	! command -v rustup >/dev/null || rustup target list --installed | grep -qx $* || rustup target add $*
	$(BUILD_WHEEL) --manifest-path emulator/Cargo.toml

# The oldest Debian that its archive still has: glibc 2.31.
OLD_SUITE ?= bullseye
OLD_ROOT := $(BUILD)/roots/$(OLD_SUITE)
$(OLD_ROOT)/.installed:
	rm -rf $(OLD_ROOT)
	@mkdir -p $(OLD_ROOT)
	debootstrap --variant=minbase $(OLD_SUITE) $(OLD_ROOT) \
		"$$(apt-get indextargets --format '$$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | head -n 1)" \
		>$(OLD_ROOT).log
	@touch $@

# Checks what dist-linux has made, and signs in with it on that system. Needs debootstrap, and root for chroot.
test-dist-linux: dist-linux wheels-musl $(OLD_ROOT)/.installed emulator python dev-deps
	@$(TEST_ENVIRONMENT) PATH="$$PATH:/usr/sbin" PYTHONPATH=$(BUILD)/python:$(BUILD)/tools:$(ZIG) \
		DESCOPE_ML_DIST=$(DIST) DESCOPE_ML_OLD_ROOT=$(OLD_ROOT) $(PYTHON) -m pytest -q tests/released.py
