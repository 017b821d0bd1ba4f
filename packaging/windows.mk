# Builds the library for Windows and tests it under wine. The Makefile at the root includes it.
#
# Debian's packages: gcc-mingw-w64, g++-mingw-w64, llvm and wine. For 32 bits, also wine32 of the architecture i386.

WINDOWS := $(BUILD)/windows
WINDOWS_TARGETS ?= x86_64-pc-windows-gnu i686-pc-windows-gnu
# `cross` builds fast, and `release` is what ships.
WINDOWS_PROFILE ?= release
# `--cut` runs a tenth of the rows of the case table.
WINDOWS_CASES ?=

# The prefix of mingw-w64's tools for each target, and the name of the processor for llvm-dlltool.
MINGW_x86_64-pc-windows-gnu = x86_64-w64-mingw32
MINGW_i686-pc-windows-gnu = i686-w64-mingw32
MACHINE_x86_64-pc-windows-gnu = i386:x86-64
MACHINE_i686-pc-windows-gnu = i386

# The libraries of the profile `cross` are for tests only.
WINDOWS_FEATURES = $(if $(filter cross,$(WINDOWS_PROFILE)),--features test-panic)

# The compilers with POSIX threads: the other ones have no std::mutex.
WINDOWS_CC = $(MINGW_$(1))-gcc-posix
WINDOWS_CXX = $(MINGW_$(1))-g++-posix
WINDOWS_LINK = -Iinclude -L$(WINDOWS)/$(1) -ldescope_ml

.PHONY: windows test-windows check-msvc dist-windows

# In build/windows/TARGET: descope_ml.dll, its import library for mingw (libdescope_ml.dll.a) and for MSVC
# (descope_ml.lib) with the list of names that it was made from (descope_ml.def), and the static library.
windows: $(addprefix windows-,$(WINDOWS_TARGETS))
windows-%:
	@test -n "$(MINGW_$*)" || { echo "packaging/windows.mk does not know the target $*"; exit 1; }
	! command -v rustup >/dev/null || rustup target list --installed | grep -qx $* || rustup target add $*
	$(CARGO) build --quiet --target $* --profile $(WINDOWS_PROFILE) --package descope-ml $(WINDOWS_FEATURES) \
		--target-dir $(TARGET)
	@mkdir -p $(WINDOWS)/$*
	@install -m 644 $(addprefix $(TARGET)/$*/$(WINDOWS_PROFILE)/,descope_ml.dll libdescope_ml.dll.a libdescope_ml.a) \
		$(WINDOWS)/$*
	@{ echo "LIBRARY descope_ml.dll"; echo EXPORTS; sed 's/^/    /' tests/abi/symbols.txt; } \
		> $(WINDOWS)/$*/descope_ml.def
	llvm-dlltool -m $(MACHINE_$*) -d $(WINDOWS)/$*/descope_ml.def -l $(WINDOWS)/$*/descope_ml.lib

# The files that are released for Windows: the same, the static library and the headers, in build/dist/PLATFORM.
dist-windows: $(addprefix dist-windows-,$(WINDOWS_TARGETS))
dist-windows-%: FOLDER = $(DIST)/$(subst pc-windows-gnu,windows,$*)
dist-windows-%: windows-%
	rm -rf $(FOLDER)
	install -d $(addprefix $(FOLDER)/,bin include lib share/descope_ml)
	install -m 755 $(WINDOWS)/$*/descope_ml.dll $(FOLDER)/bin
	install -m 644 $(addprefix $(WINDOWS)/$*/,libdescope_ml.dll.a descope_ml.lib descope_ml.def libdescope_ml.a) \
		$(FOLDER)/lib
	install -m 644 $(HEADERS) $(FOLDER)/include
	install -m 644 LICENSE THIRD-PARTY-NOTICES $(FOLDER)/share/descope_ml

# The folders of the libraries that programs of mingw's g++ need, for wine, and of one that old versions of it lack.
WINE_LIBRARIES := $(BUILD)/wine-libraries
WINDOWS_LIBRARIES = $(WINDOWS)/$(1) $(WINE_LIBRARIES)/$(1) $(dir $(shell $(call WINDOWS_CXX,$(1)) -print-file-name=libstdc++-6.dll)) \
	$(dir $(shell $(call WINDOWS_CC,$(1)) -print-file-name=libwinpthread-1.dll))
EMPTY :=
WINE_PATH = $(subst $(EMPTY) $(EMPTY),;,$(addprefix Z:,$(call WINDOWS_LIBRARIES,$(1))))
# The program that runs others, such as one of another version.
WINE_PROGRAM ?= wine
# Without windows, messages, and what browsers and .NET need. The paths of the tests have letters that are not ASCII.
WINE_PREFIX ?= $(BUILD)/wine
WINE = WINEPREFIX=$(WINE_PREFIX) WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml= LC_ALL=C.UTF-8

# The examples, the case table and tests/windows.py with the library of each of WINDOWS_TARGETS.
test-windows: $(addprefix test-windows-,$(WINDOWS_TARGETS))
test-windows-%: windows-% emulator python dev-deps $(WINE_PREFIX)/.installed
	$(call WINDOWS_CC,$*) -std=c99 $(CFLAGS) tests/drivers/driver.c -o $(WINDOWS)/$*/driver-c.exe \
		$(call WINDOWS_LINK,$*)
	$(call WINDOWS_CXX,$*) -std=c++17 $(CXXFLAGS) tests/drivers/driver.cpp -o $(WINDOWS)/$*/driver-cpp.exe \
		$(call WINDOWS_LINK,$*)
	@mkdir -p $(WINE_LIBRARIES)/$*
	$(call WINDOWS_CC,$*) -shared -Wl,--kill-at $(CFLAGS) tests/windows/bcryptprimitives.c \
		-o $(WINE_LIBRARIES)/$*/bcryptprimitives.dll -ladvapi32
	@$(TEST_ENVIRONMENT) $(WINE) WINEPATH="$(call WINE_PATH,$*)" \
		CC=$(call WINDOWS_CC,$*) CXX=$(call WINDOWS_CXX,$*) \
		DESCOPE_ML_LIBRARY=$(WINDOWS)/$*/descope_ml.dll \
		DESCOPE_ML_STATIC_LIBRARY=$(WINDOWS)/$*/libdescope_ml.a \
		DESCOPE_ML_C_DRIVER=$(WINDOWS)/$*/driver-c.exe \
		DESCOPE_ML_CPP_DRIVER=$(WINDOWS)/$*/driver-cpp.exe \
		DESCOPE_ML_RUNNER=$(WINE_PROGRAM) \
		DESCOPE_ML_PANIC_LIBRARY=$(if $(WINDOWS_FEATURES),$(WINDOWS)/$*) \
		$(PYTHON) tests/platforms.py run $* --how "$$($(WINE_PROGRAM) --version | sed 's/^wine-\([0-9.]*\).*/wine \1/')" \
		$(WINDOWS_CASES) \
		$(if $(filter release,$(WINDOWS_PROFILE)),--size-of $(WINDOWS)/$*/descope_ml.dll)

$(WINE_PREFIX)/.installed:
	@mkdir -p $(BUILD)
	$(WINE) $(WINE_PROGRAM) wineboot --init
	@touch $@

# The source for MSVC: checked and linted. ring's build script compiles C, of which nothing is linked: so mingw's
# compiler will do.
MSVC = x86_64-pc-windows-msvc
check-msvc: dev-deps
	! command -v rustup >/dev/null || rustup target list --installed | grep -qx $(MSVC) || rustup target add $(MSVC)
	CC_x86_64_pc_windows_msvc=x86_64-w64-mingw32-gcc AR_x86_64_pc_windows_msvc=llvm-lib \
		$(CARGO) clippy --quiet --target $(MSVC) --package descope-ml-core --package descope-ml \
		--target-dir $(TARGET) -- -D warnings
	@$(TEST_ENVIRONMENT) $(PYTHON) tests/platforms.py checked $(MSVC)
