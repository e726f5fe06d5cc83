# patchlab: `make` builds build/patchlab, `make check` proves it, `make help` lists the rest.
#
#   SAN=1           address and undefined-behaviour sanitizers, in build/san
#   CC=clang        another compiler, in a directory of its own
#   V=1             show the commands
#   FUZZ_SECONDS=n  for each fuzzer
#   E2E=glob        only these of tests/e2e ("E2E='queue-*'")
#   BENCH=glob      only these parts of tests/bench/run; BENCH_RUNS=n rounds of each

ifeq ($(origin CC),default)
CC      := cc
endif
VERSION := $(shell sed -n 's/^.define PATCHLAB_VERSION "\(.*\)"/\1/p' include/base/version.h)
PREFIX  ?= /usr/local
CFLAGS  ?= -O2 -g
FUZZ_SECONDS ?= 20

# --- which build ---------------------------------------------------------------------------------

FLAVOUR := $(if $(SAN),san,plain)$(if $(findstring clang,$(CC)),-clang)
BUILD   := build/$(FLAVOUR)
ifdef SAN
HARDEN  := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK    := -fsanitize=address,undefined
else
HARDEN  := -fstack-protector-strong -fPIE \
           $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
LINK    := -pie -Wl,-z,relro,-z,now
endif

# Tables leave out what is zero, hence no warning for that.
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wmissing-declarations -Wwrite-strings -Wpointer-arith -Wvla -Wformat=2 -Wundef \
        -Wno-missing-field-initializers -Werror
LANGUAGE := -std=c17 -D_GNU_SOURCE -Iinclude -Ivalidator \
            -DPATCHLAB_SHARE='"$(PREFIX)/share/patchlab"'

Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-5s %s\n' $(1) $@)

# --- libraries -----------------------------------------------------------------------------------

PACKAGES      := libvirt libvirt-qemu libcurl sqlite3 libarchive jansson yaml-0.1 libcrypto zlib \
                 expat libcmark
TEST_PACKAGES := cmocka

# pkg-config module -> Debian package; the rest is lib<module>-dev.
DEBIAN_libvirt      := libvirt-dev
DEBIAN_libvirt-qemu := libvirt-dev
DEBIAN_libcurl      := libcurl4-openssl-dev
DEBIAN_libarchive   := libarchive-dev
DEBIAN_sqlite3      := libsqlite3-dev
DEBIAN_jansson      := libjansson-dev
DEBIAN_yaml-0.1     := libyaml-dev
DEBIAN_libcrypto    := libssl-dev
DEBIAN_zlib         := zlib1g-dev
DEBIAN_expat        := libexpat1-dev
DEBIAN_libcmark     := libcmark-dev
DEBIAN_cmocka       := libcmocka-dev

# $(call need,MODULES): stops with a sentence when one is not installed.
need = $(foreach m,$(1),$(if $(shell pkg-config --exists $(m) 2>/dev/null && echo yes),,\
       $(error '$(m)' is missing: install $(DEBIAN_$(m)), or run 'make deps')))

# Targets that compile nothing must work before the libraries are there.
NO_LIBS := deps demo clean help check check-shell check-docs check-layers check-style check-lint \
           check-format format
ifneq ($(filter-out $(NO_LIBS),$(or $(MAKECMDGOALS),all)),)
ifeq ($(shell command -v pkg-config),)
$(error 'pkg-config' is missing: install pkg-config, or run 'make deps')
endif
$(call need,$(PACKAGES))
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES))
PKG_LIBS   := $(shell pkg-config --libs $(PACKAGES)) -lpthread
endif

ALL_CFLAGS := $(LANGUAGE) $(WARN) $(HARDEN) $(PKG_CFLAGS) -MMD -MP $(CFLAGS)

# --- sources -------------------------------------------------------------------------------------

MAIN    := validator/front/main.c
SRC     := $(filter-out $(MAIN),$(sort $(wildcard validator/*/*.c)))
HEADERS := $(sort $(wildcard include/*/*.h validator/*/*.h))
SOURCES := $(HEADERS) $(wildcard $(MAIN)) $(SRC)
TEST_SOURCES := $(sort $(wildcard tests/*/*.c tests/*/*.h))
LIB     := $(BUILD)/libvalidator.a
BINARY  := $(if $(filter plain,$(FLAVOUR)),build/patchlab,$(BUILD)/patchlab)
UNIT    := $(patsubst tests/unit/%.c,$(BUILD)/%,$(sort $(wildcard tests/unit/test-*.c)))
FAKES   := $(BUILD)/libfakes.a
FUZZERS := $(patsubst tests/fuzz/fuzz-%.c,%,$(sort $(wildcard tests/fuzz/fuzz-*.c)))
DOCS    := $(sort $(wildcard *.md */*.md))
MAN     := $(patsubst docs/man/%.pod,build/man/%,$(sort $(wildcard docs/man/*.pod)))

all: $(BINARY) $(MAN)
help:
	@sed -n 's/^#   \(.*\)/  \1/p' Makefile
	@echo 'targets: all deps check check-unit check-lint check-headers check-layers check-style'
	@echo '         check-shell check-docs check-format format check-e2e fuzz valgrind bench demo install'
	@echo '         uninstall clean'

# --- building ------------------------------------------------------------------------------------

$(BINARY): $(BUILD)/validator/front/main.o $(LIB)
	$(call say,LINK)
	$(Q)$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Built anew: `ar r` would keep the object of a source that is gone.
$(LIB): $(SRC:%.c=$(BUILD)/%.o) $(BUILD)/sources
	$(call say,AR)
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)
$(FAKES): $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/fakes/*.c)))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) $(INCLUDE_TESTS) -c -o $@ $<
$(BUILD)/tests/%.o: INCLUDE_TESTS := -Itests

$(BUILD)/test-%: $(BUILD)/tests/unit/test-%.o $(FAKES) $(LIB)
	$(call need,$(TEST_PACKAGES))
	$(call say,LINK)
	$(Q)$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $< $(FAKES) $(LIB) -lcmocka $(PKG_LIBS)

$(BUILD)/bench-%: $(BUILD)/tests/bench/bench-%.o $(LIB)
	$(call say,LINK)
	$(Q)$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS)

bench: $(BINARY) $(BUILD)/bench-clones $(BUILD)/bench-watch $(BUILD)/bench-match \
       $(BUILD)/bench-results
	@PATCHLAB="$(CURDIR)/$(BINARY)" tests/bench/run $(BUILD)

# Files that change only when what they hold does: all is compiled anew after a change of flags.
$(BUILD)/flags: FORCE
	$(call remember,$(CC) $(ALL_CFLAGS))
$(BUILD)/sources: FORCE
	$(call remember,$(SRC))
define remember
@$(shell mkdir -p $(@D))$(file >$@.new,$(1))
@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
endef

build/man/%: docs/man/%.pod
	@mkdir -p $(@D)
	$(call say,MAN)
	$(Q)pod2man --section=$(lastword $(subst ., ,$*)) --name=$(basename $*) --center=patchlab \
	  --release='patchlab $(VERSION)' $< $@

# --- checking ------------------------------------------------------------------------------------

# The parts run one after another: each prints its own result, and the libraries that `deps`
# installs are there when the next make looks for them.
check:
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory check-lint
	@$(MAKE) --no-print-directory check-headers
	@$(MAKE) --no-print-directory check-unit
	@$(MAKE) --no-print-directory check-e2e

deps:
	@.ci/deps build run test

check-unit: $(UNIT)
	@tests/unit/run $(UNIT)
check-e2e: $(BINARY)
	@PATCHLAB="$(CURDIR)/$(BINARY)" tests/e2e/run $(E2E)

check-lint: check-layers check-style check-shell check-docs check-format
	@tests/lint/selftest.sh
check-layers:
	@tests/lint/check-layers.sh $(SOURCES)
check-style:
	@tests/lint/check-style.sh $(SOURCES) $(TEST_SOURCES)
check-shell:
	@tests/lint/check-shell.sh
check-docs:
	@tests/lint/check-docs.sh $(DOCS)
check-format:
	@clang-format --dry-run -Werror $(SOURCES) $(TEST_SOURCES)

format:
	clang-format -i $(SOURCES) $(TEST_SOURCES)

check-headers: $(HEADERS:%=$(BUILD)/%.ok)
$(BUILD)/%.h.ok: %.h
	@mkdir -p $(@D)
	@echo 'extern int one_declaration;' | \
	  $(CC) $(LANGUAGE) $(WARN) $(PKG_CFLAGS) -fsyntax-only -include $< -x c -
	@touch $@

# Slow machines and valgrind both stretch time; the tests ask for this factor.
valgrind: $(UNIT)
	@VALGRIND=1 tests/unit/run $(UNIT)

fuzz: $(FUZZERS:%=run-fuzz-%)
run-fuzz-%: build/fuzz/fuzz-%
	@mkdir -p build/fuzz/corpus/$* tests/fuzz/corpus/$*
	$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
	  -artifact_prefix=build/fuzz/$*- build/fuzz/corpus/$* tests/fuzz/corpus/$*
FUZZ_FLAGS := -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -MMD -MP
build/fuzz/fuzz-%: build/fuzz/tests/fuzz/fuzz-%.o $(SRC:%.c=build/fuzz/%.o)
	$(call say,LINK)
	$(Q)clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(PKG_LIBS)
build/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(call say,FUZZ)
	$(Q)clang $(LANGUAGE) $(PKG_CFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

demo:
	@.ci/deps build run
	@$(MAKE) --no-print-directory all
	@PATCHLAB="$(CURDIR)/$(BINARY)" tests/demo.sh

# --- installing ----------------------------------------------------------------------------------

SHARE  := $(DESTDIR)$(PREFIX)/share/patchlab
MANDIR := $(DESTDIR)$(PREFIX)/share/man
BINDIR := $(DESTDIR)$(PREFIX)/bin

install: all
	install -D -m 755 $(BINARY) $(BINDIR)/patchlab
	@set -e; for page in $(MAN); do \
	  install -D -m 644 $$page $(MANDIR)/man$${page##*.}/$${page##*/}; done
	@set -e; for part in images testcases; do [ -d $$part ] || continue; \
	  mkdir -p $(SHARE)/$$part; cp -R $$part/. $(SHARE)/$$part/; done
uninstall:
	rm -f $(BINDIR)/patchlab
	@for page in $(MAN); do rm -f $(MANDIR)/man$${page##*.}/$${page##*/}; done
	rm -rf $(SHARE)

clean:
	rm -rf build

FORCE:
.PHONY: all help deps check check-unit check-e2e check-lint check-layers check-style check-shell \
        check-docs check-format format check-headers valgrind fuzz bench demo install uninstall clean FORCE
.SECONDARY:
-include $(shell find $(BUILD) build/fuzz -name '*.d' 2>/dev/null)
