# Builds, tests and installs libdescope_ml. `make help` lists the targets.

CARGO ?= cargo
PYTHON ?= python3
CC ?= cc
CXX ?= c++
CFLAGS ?= -O2 -Wall -Wextra
CXXFLAGS ?= -O2 -Wall -Wextra

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI := 1
BUILD := $(CURDIR)/build
export PIP_ROOT_USER_ACTION = ignore
export PIP_DISABLE_PIP_VERSION_CHECK = 1
TARGET := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)

LIBRARY := $(TARGET)/release/libdescope_ml.so
STATIC_LIBRARY := $(BUILD)/libdescope_ml.a
EMULATOR := $(TARGET)/debug/descope-ml-emulator
# The flags to link a C program with the library in target/, and to run it without an installation.
LINK_LIBRARY = -L$(TARGET)/release -Wl,-rpath,$(TARGET)/release -ldescope_ml
LINK = -Iinclude $(LINK_LIBRARY)

.PHONY: help build demo test sanitize lint fuzz fuzz-short clean library emulator python examples \
	miri msrv notices event-loop-examples test-drivers test-growth oom dev-deps headers update-snapshots

help:
	@echo "make demo              sign a user in from C, C++ and Python against a local Descope"
	@echo "make test              run all tests; make test T=\"tests/test_cases.py -k NAME\" runs some"
	@echo "make test-growth       run the test of descriptors and memory with 100,000 calls"
	@echo "make oom               run the test of memory that runs out with each allocation failing in turn"
	@echo "make build             build the library, the Python package and the emulator"
	@echo "make event-loop-examples"
	@echo "                       build the examples for epoll, libuv, GLib, Asio and Qt"
	@echo "make cross             build the library for other platforms; make test-cross tests it there"
	@echo "make windows           build the library for Windows; make test-windows tests it under wine"
	@echo "make check-msvc        check and lint the source for MSVC"
	@echo "make dist-linux        build the released libraries for Linux; make test-dist-linux checks them"
	@echo "make lint              run formatters, linters, type checkers and the layer check"
	@echo "make miri              run tests of core and ffi under Miri, before a release"
	@echo "make msrv              check core and ffi with the oldest Rust that they support"
	@echo "make sanitize          run the C and C++ tests with address and thread sanitizers"
	@echo "make counters          compare instructions, system calls and allocations with benches/counters.json"
	@echo "make counters-update   write benches/counters.json"
	@echo "make headers           write the headers that are generated from the source"
	@echo "make update-snapshots  write the headers and tests/abi"
	@echo "make notices           write THIRD-PARTY-NOTICES, for the library, the wheel and the emulator"
	@echo "make fuzz              build the fuzz targets; make fuzz-short runs each for a few seconds"
	@echo "make bench             run all benchmarks, into benches/RESULTS.md"
	@echo "make install           install library, headers, and files for pkg-config, CMake and tools under DESTDIR and PREFIX"
	@echo "make debian-packages, make rpm-packages"
	@echo "                       build packages of the library and the emulator; make test-system-packages tests them"
	@echo "make wheels            build the wheels of the Python package and of the emulator, into build/dist"
	@echo "make npm-package       build the npm package of the emulator, into build/dist"
	@echo "make wheels-linux      build the released wheels for Linux, into build/dist"
	@echo "make dist-windows      build the released libraries for Windows"
	@echo "make dist-archives, make checksums"
	@echo "                       pack the released libraries in build/dist; write SHA256SUMS of all files there"
	@echo "make release-check     say what is missing for a release"
	@echo "make lint-workflows    check the workflows of GitHub Actions, with Go"
	@echo "make docs              build the documentation site, into build/site"
	@echo "make clean             remove everything that was built"

build: library emulator python

library:
	$(CARGO) build --quiet --release --package descope-ml
	@ln -sf libdescope_ml.so $(TARGET)/release/libdescope_ml.so.$(ABI)
	@mkdir -p $(BUILD)
	@packaging/static_library.sh $(TARGET)/release/libdescope_ml.a $(STATIC_LIBRARY)

emulator:
	$(CARGO) build --quiet --package descope-ml-emulator

# `--target` needs no venv module and leaves the Python of the system alone.
python:
	@mkdir -p $(BUILD)
	$(PYTHON) -m pip install --quiet --upgrade --no-deps --target $(BUILD)/python ./python

examples: library
	@mkdir -p $(BUILD)/examples
	for name in signin session; do \
		$(CC) -std=c99 $(CFLAGS) examples/c/$$name.c -o $(BUILD)/examples/$$name-c $(LINK) && \
		$(CXX) -std=c++17 $(CXXFLAGS) examples/cpp/$$name.cpp -o $(BUILD)/examples/$$name-cpp $(LINK) \
			|| exit 1; done

# They need pkg-config, libuv, GLib, Asio and Qt.
event-loop-examples: library
	@mkdir -p $(BUILD)/event-loops
	$(MAKE) -C examples/event-loops OUT=$(BUILD)/event-loops \
		DESCOPE_FLAGS="-I$(CURDIR)/include $(LINK_LIBRARY)"

demo: examples emulator python
	@PYTHONPATH=$(BUILD)/python $(PYTHON) examples/demo/demo.py \
		--emulator $(EMULATOR) --c $(BUILD)/examples/signin-c --cpp $(BUILD)/examples/signin-cpp

# The programs that the tests drive each face with.
test-drivers: library
	@mkdir -p $(BUILD)/drivers
	$(CC) -std=c99 $(CFLAGS) tests/drivers/driver.c -o $(BUILD)/drivers/driver-c $(LINK)
	$(CXX) -std=c++17 $(CXXFLAGS) tests/drivers/driver.cpp -o $(BUILD)/drivers/driver-cpp $(LINK)
	$(CARGO) build --quiet --package descope-ml-tests --bins
	$(CARGO) build --quiet --package descope-ml
	$(CARGO) build --quiet --release --package descope-ml --features test-panic \
		--target-dir $(BUILD)/panic
	@ln -sf libdescope_ml.so $(BUILD)/panic/release/libdescope_ml.so.$(ABI)

# The Python packages for tests and linters.
dev-deps: $(BUILD)/tools/.installed
$(BUILD)/tools/.installed: tests/requirements.txt tests/requirements-apache.txt
	@mkdir -p $(BUILD)
	$(PYTHON) -m pip install --quiet --upgrade --target $(BUILD)/tools -r tests/requirements.txt \
		$(shell command -v apxs >/dev/null 2>&1 && echo -r tests/requirements-apache.txt)
	@touch $@

TEST_ENVIRONMENT = PYTHONPATH=$(BUILD)/python:$(BUILD)/tools \
	DESCOPE_ML_BUILD=$(BUILD)/tests \
	DESCOPE_ML_LIBRARY=$(LIBRARY) \
	DESCOPE_ML_DEBUG_LIBRARY=$(TARGET)/debug/libdescope_ml.so \
	DESCOPE_ML_PANIC_LIBRARY=$(BUILD)/panic/release \
	DESCOPE_ML_EMULATOR=$(EMULATOR) \
	DESCOPE_ML_BENCH=$(BENCH) \
	DESCOPE_ML_PACKAGES=$(PACKAGES) \
	DESCOPE_ML_RUST_DRIVER=$(TARGET)/debug/case_driver \
	DESCOPE_ML_C_DRIVER=$(BUILD)/drivers/driver-c \
	DESCOPE_ML_CPP_DRIVER=$(BUILD)/drivers/driver-cpp

# All tests, or those that T names: make test T="tests/test_cases.py -k NAME". A variable T of the
# environment is another program's.
test: build test-drivers test-packages dev-deps bench-build
	@mkdir -p $(BUILD)/tests
ifeq ($(origin T),command line)
	@$(TEST_ENVIRONMENT) $(PYTHON) -m pytest -q $(T)
else
	@$(TEST_ENVIRONMENT) CARGO="$(CARGO)" $(PYTHON) tests/run.py
endif

# The test of descriptors and memory with 100,000 calls.
test-growth:
	@DESCOPE_ML_GROWTH_CALLS=50000 $(MAKE) test T="tests/test_queue.py -k memory"

# The test of memory that runs out, with each allocation failing in turn. `make test` runs it with some.
oom:
	@DESCOPE_ML_OOM_STEP=1 $(MAKE) test T="tests/test_out_of_memory.py"

# include/descope_ml.h, and the types and calls of C++.
headers:
	DESCOPE_ML_UPDATE=1 $(CARGO) test --quiet --package descope-ml --test header --test cpp_header

# The committed files that are generated from the source and the built library.
update-snapshots: library python dev-deps headers
	$(CARGO) build --quiet --package descope-ml
	@mkdir -p $(BUILD)/tests
	@$(TEST_ENVIRONMENT) DESCOPE_ML_UPDATE=1 $(PYTHON) -m pytest -q tests/test_abi.py tests/test_library.py -k "abi or symbols"

# The library, Rust's standard library (which needs rust-src and RUSTC_BOOTSTRAP with a stable compiler),
# the drivers and the test programs, all built for one sanitizer. gcc's thread sanitizer runtime lacks
# functions that the library calls, so Rust's is linked.
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
RUNTIME = $(wildcard $(shell rustc --print sysroot)/lib/rustlib/$(HOST)/lib/librustc*_rt.tsan.a)
SANITIZE := $(BUILD)/sanitize
COMPILE_address = -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
LINK_address = -fsanitize=address,undefined
TESTS_address = tests/test_programs.py tests/test_cpp.py tests/test_queue.py tests/test_logging.py tests/test_events.py tests/test_plugins.py tests/test_process_c.py tests/test_signals.py tests/test_cases.py
SELECT_address = not plain
COMPILE_thread = -O1 -fsanitize=thread
LINK_thread = -rdynamic -Wl,--whole-archive $(RUNTIME) -Wl,--no-whole-archive -lm -lresolv
TESTS_thread = tests/test_programs.py tests/test_cpp.py tests/test_queue.py tests/test_logging.py tests/test_events.py tests/test_plugins.py tests/test_process_c.py tests/test_cases.py
SELECT_thread = not plain and not address_only

sanitize: sanitize-address sanitize-thread
sanitize-%: LIBRARIES = $(SANITIZE)/$*/$(HOST)/debug
sanitize-%: DRIVERS = $(SANITIZE)/$*
sanitize-%: LINK_DRIVER = $(LINK_$*) -L$(LIBRARIES) -Wl,-rpath,$(LIBRARIES) -ldescope_ml
sanitize-%: emulator python dev-deps
	RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=$*" $(CARGO) build --quiet --package descope-ml \
		-Zbuild-std=std,panic_unwind --target $(HOST) --target-dir $(SANITIZE)/$*
	@ln -sf libdescope_ml.so $(LIBRARIES)/libdescope_ml.so.$(ABI)
	$(CC) -std=c99 -g $(COMPILE_$*) -Iinclude -c tests/drivers/driver.c -o $(DRIVERS)/driver-c.o
	$(CC) $(DRIVERS)/driver-c.o -o $(DRIVERS)/driver-c $(LINK_DRIVER)
	$(CXX) -std=c++17 -g $(COMPILE_$*) -Iinclude -c tests/drivers/driver.cpp -o $(DRIVERS)/driver-cpp.o
	$(CXX) $(DRIVERS)/driver-cpp.o -o $(DRIVERS)/driver-cpp $(LINK_DRIVER)
	@$(TEST_ENVIRONMENT) DESCOPE_ML_SANITIZER=$* DESCOPE_ML_LIBRARY=$(LIBRARIES)/libdescope_ml.so \
		DESCOPE_ML_C_DRIVER=$(DRIVERS)/driver-c DESCOPE_ML_CPP_DRIVER=$(DRIVERS)/driver-cpp \
		DESCOPE_ML_COMPILE_FLAGS="$(COMPILE_$*)" DESCOPE_ML_LINK_FLAGS="$(LINK_$*)" \
		$(PYTHON) -m pytest -q tests/sanitizers.py $(TESTS_$*) -m "$(SELECT_$*)"

DENY = $(BUILD)/tools/bin/cargo-deny --locked

lint: python dev-deps
	$(PYTHON) tests/layers.py
	$(DENY) --log-level error check licenses sources
	$(DENY) --log-level error --exclude-dev --exclude descope-ml-emulator --exclude descope-ml-tests check bans
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --workspace --all-targets -- -D warnings
	cd fuzz && $(CARGO) fmt --check
	cd benches/peers/rust && $(CARGO) fmt --check
	cd fuzz && $(CARGO) clippy --quiet --locked --target-dir $(BUILD)/fuzz-lint -- -D warnings
	clang-format --dry-run --Werror $$(git ls-files '*.c' '*.cpp' '*.hpp' 'tests/*.h' 'benches/*.h')
	PYTHONPATH=$(BUILD)/tools $(PYTHON) -m ruff check .
	PYTHONPATH=$(BUILD)/tools $(PYTHON) -m ruff format --check .
	PYTHONPATH=$(BUILD)/python:$(BUILD)/tools $(PYTHON) -m mypy --strict python/descope_ml python/descope_ml_pytest python/tests emulator/python
	PYTHONPATH=$(BUILD)/python:$(BUILD)/tools $(PYTHON) -m mypy --strict tests packaging benches/bench docs/doxygen_filter.py examples/python examples/demo
	PYTHONPATH=$(BUILD)/python:$(BUILD)/tools $(PYTHON) -m mypy --strict --ignore-missing-imports --allow-untyped-decorators --allow-subclassing-any examples/web
	PYTHONPATH=$(BUILD)/python:$(BUILD)/tools $(PYTHON) -m mypy.stubtest descope_ml._native
	PYTHONPATH=$(BUILD)/python:$(BUILD)/tools $(PYTHON) -m pyright tests/test_types_of_views.py examples/demo examples/python examples/web

# The notices of what is linked into the library, the wheel and the emulator. They change when Cargo.lock does.
ABOUT = $(BUILD)/cargo-about/bin/cargo-about

$(ABOUT):
	$(CARGO) install --quiet cargo-about --version 0.9.3 --features cli --locked --root $(BUILD)/cargo-about

notices: $(ABOUT)
	for package in ffi:THIRD-PARTY-NOTICES python:python/THIRD-PARTY-NOTICES \
		emulator:emulator/THIRD-PARTY-NOTICES; do \
		$(ABOUT) -L error generate --locked --fail --manifest-path $${package%%:*}/Cargo.toml \
			--config packaging/about.toml packaging/notices.hbs --output-file $${package#*:} \
			|| exit 1; done

# The library with the oldest compiler that it supports, which is that of Debian stable.
MSRV = $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' core/Cargo.toml)

msrv:
	rustup toolchain list | grep -q '^$(MSRV)' || rustup toolchain install $(MSRV) --profile minimal
	rustup run $(MSRV) cargo check --quiet --locked --package descope-ml-core --package descope-ml \
		--target-dir $(BUILD)/msrv

# Documents, configuration, the C boundary and the states of a call under Miri. It runs neither sockets nor the
# assembler code of ring, so the tests that need none are named. A test takes a thousand times as long as usual.
MIRI = MIRIFLAGS="-Zmiri-strict-provenance -Zmiri-disable-isolation" PROPTEST_CASES=4 \
	$(CARGO) +nightly miri test --quiet --target-dir $(BUILD)/miri
MIRI_CORE = config:: error:: events:: json:: logging:: operations:: responses:: status:: \
	http::response http::retry_after net::pem net::tls_error --skip put_never_writes_more_levels
MIRI_FFI = panics:: status:: version:: a_string_that an_edit_makes nothing_is_written

miri:
	rustup component list --toolchain nightly --installed 2>/dev/null | grep -q '^miri' || \
		rustup toolchain install nightly --profile minimal --component miri --component rust-src
	$(MIRI) --package descope-ml-core --lib -- $(MIRI_CORE)
	$(MIRI) --package descope-ml-core --features fuzzing --test simulated_calls
	$(MIRI) --package descope-ml --lib -- $(MIRI_FFI)

# fuzz/README.md says how to run a target for longer.
fuzz:
	CARGO="$(CARGO)" FUZZ_BUILD=$(BUILD)/fuzz fuzz/fuzz.sh build

fuzz-short: fuzz
	@CARGO="$(CARGO)" FUZZ_BUILD=$(BUILD)/fuzz fuzz/fuzz.sh short

clean:
	rm -rf $(BUILD)
	$(CARGO) clean --quiet

include docs/site.mk
include packaging/install.mk
include packaging/dist.mk
include benches/Makefile
include packaging/cross.mk
include packaging/windows.mk
include packaging/release.mk
