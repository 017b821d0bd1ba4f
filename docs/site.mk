# `make docs`: the documentation site, from the documents of the repository and include/descope_ml.h. It needs Doxygen.

SITE := $(BUILD)/site
SITE_SOURCE := $(BUILD)/site-source
SITE_TOOLS := $(BUILD)/site-tools
# The pages, and the files that they link to.
SITE_FILES = README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md $(wildcard docs/*.md docs/*/*.md) \
	emulator/README.md emulator/Dockerfile benches/RESULTS.md $(wildcard benches/charts/*.svg include/*) \
	$(foreach ending,md c cpp py yaml conf,$(wildcard examples/*/*.$(ending)))

.PHONY: docs

docs: $(SITE_TOOLS)/.installed
	rm -rf $(SITE) $(SITE_SOURCE)
	@mkdir -p $(SITE_SOURCE)/c
	@cp --parents $(SITE_FILES) $(SITE_SOURCE)
	VERSION=$(VERSION) PYTHON=$(PYTHON) OUT=$(SITE_SOURCE)/c doxygen docs/Doxyfile
	@NO_MKDOCS_2_WARNING=1 PYTHONPATH=$(SITE_TOOLS) $(PYTHON) -m mkdocs build --strict --config-file docs/mkdocs.yml
	@echo "build/site/index.html; with search: $(PYTHON) -m http.server --directory build/site"

$(SITE_TOOLS)/.installed: docs/requirements.txt
	@mkdir -p $(SITE_TOOLS)
	$(PYTHON) -m pip install --quiet --upgrade --target $(SITE_TOOLS) -r docs/requirements.txt
	@touch $@
