# `make install`, which builds first, and `make install-files`, which installs the libraries that LIBRARY and
# STATIC_LIBRARY name. `make install-emulator` installs RELEASE_EMULATOR. The files that find them name paths relative to themselves: the tree can be moved.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
DESTDIR ?=

CMAKEDIR = $(LIBDIR)/cmake/descope_ml
# What the static library needs of the system.
SYSTEM_LIBRARIES = util rt pthread m dl
HEADERS = include/descope_ml.h $(wildcard include/*.hpp) include/descope_ml.i include/descope_ml_java.swg
# The size of a pointer of the libraries, in bytes.
POINTER_SIZE ?= $(shell echo __SIZEOF_POINTER__ | $(CC) -E -P -)

relative_path = $(shell $(PYTHON) -c 'import os, sys; print(os.path.relpath(*sys.argv[1:]))' $(1) $(2))
# Fills in a template. $(1): the template, $(2): the folder for which paths are made relative, $(3): the result.
define install_template
	@sed -e 's|@PREFIX@|$(call relative_path,$(PREFIX),$(2))|' \
		-e 's|@INCLUDEDIR@|$(call relative_path,$(INCLUDEDIR),$(2))|' \
		-e 's|@VERSION@|$(VERSION)|' -e 's|@ABI@|$(ABI)|' -e 's|@POINTER_SIZE@|$(POINTER_SIZE)|' \
		-e 's|@SYSTEM_FLAGS@|$(addprefix -l,$(SYSTEM_LIBRARIES))|' \
		-e 's|@SYSTEM_LIBRARIES@|$(subst $(space),;,$(SYSTEM_LIBRARIES))|' \
		$(1) > $(DESTDIR)$(3)
	@chmod 644 $(DESTDIR)$(3)
endef
space := $(subst ,, )

.PHONY: install install-files install-emulator

install: library install-files

install-files:
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(CMAKEDIR) $(DESTDIR)$(INCLUDEDIR) \
		$(DESTDIR)$(DATADIR)/descope_ml
	install -m 755 $(LIBRARY) $(DESTDIR)$(LIBDIR)/libdescope_ml.so.$(VERSION)
	ln -sf libdescope_ml.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libdescope_ml.so.$(ABI)
	ln -sf libdescope_ml.so.$(ABI) $(DESTDIR)$(LIBDIR)/libdescope_ml.so
	install -m 644 $(STATIC_LIBRARY) $(DESTDIR)$(LIBDIR)/libdescope_ml.a
	install -m 644 $(HEADERS) $(DESTDIR)$(INCLUDEDIR)
	$(call install_template,packaging/descope_ml.pc.in,$(LIBDIR)/pkgconfig,$(LIBDIR)/pkgconfig/descope_ml.pc)
	$(call install_template,packaging/cmake/descope_mlConfig.cmake.in,$(CMAKEDIR),$(CMAKEDIR)/descope_mlConfig.cmake)
	$(call install_template,packaging/cmake/descope_mlConfigVersion.cmake.in,$(CMAKEDIR),$(CMAKEDIR)/descope_mlConfigVersion.cmake)
	install -m 644 packaging/valgrind.supp packaging/tsan.supp LICENSE THIRD-PARTY-NOTICES \
		$(DESTDIR)$(DATADIR)/descope_ml

install-emulator:
	install -d $(DESTDIR)$(BINDIR)
	install -m 755 $(RELEASE_EMULATOR) $(DESTDIR)$(BINDIR)
