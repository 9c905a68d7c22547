# SPDX-License-Identifier: MIT
# refold: build, test, lint. `make help` lists the targets.

PROFILE ?= release
CC ?= cc
PREFIX ?= /usr/local
B := build/$(PROFILE)
VERSION := 0.1.0

# Short lines by default; `make V=1` shows the commands.
Q := $(if $(V),,@)
say = $(if $(V),:,printf '  %-5s %s\n' $(1) $@)

.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# ---- flags ---------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wundef -Wwrite-strings -Wformat=2
PRODUCT_WARNINGS := -Wconversion
WERROR ?=
CPPFLAGS += -D_GNU_SOURCE -DREFOLD_VERSION='"$(VERSION)"' -Iharness -Iharness/include -I.
CFLAGS_COMMON := -std=c17 -g $(WARNINGS) $(if $(WERROR),-Werror) -MMD -MP -fPIE -pthread
# ISA-L inflates twice as fast as zlib; without it (or with `make ISAL=`) zlib does all.
ISAL ?= $(wildcard /usr/include/isa-l.h /usr/local/include/isa-l.h)
LDLIBS := $(if $(ISAL),-lisal) -lz -ljansson -lxxhash -lcrypto -ldl -lm
LDFLAGS += -pie -pthread

ifeq ($(PROFILE),release)
CFLAGS_PROFILE := -O3 -fno-plt -D_FORTIFY_SOURCE=2 -fstack-protector-strong
LDFLAGS += -Wl,-z,relro,-z,now
else ifeq ($(PROFILE),debug)
CFLAGS_PROFILE := -O0
else ifeq ($(PROFILE),asan)
CFLAGS_PROFILE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else ifeq ($(PROFILE),tsan)
CFLAGS_PROFILE := -O1 -fsanitize=thread
LDFLAGS += -fsanitize=thread
else
$(error PROFILE is release, debug, asan or tsan)
endif

# Aggregates are built as a user builds one; in a sanitizer profile too, so that the worker can load
# them beside its own runtime.
PLUGIN_CFLAGS := -std=c11 -O2 -g -fPIC -fvisibility=hidden -Wall -Wextra -Iharness/include -MMD -MP
PLUGIN_CXXFLAGS := -std=c++11 -O2 -g -fPIC -fvisibility=hidden -Wall -Wextra -Iharness/include -MMD -MP

# ---- what is built -------------------------------------------------------------------------------
LIB_SRC := $(sort $(filter-out harness/cli/main.c harness/worker/worker_main.c,$(wildcard harness/*/*.c reports/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$B/%.o)
# The worker knows nothing of refold but the base and its own folder; less what only the host needs.
HOST_SRC := $(patsubst %,harness/base/%.c,crew files memfile names sha256 threads) \
            $(patsubst %,harness/worker/%.c,build compile host inbox registry replies spawn watch)
WORKER_SRC := $(sort $(filter-out $(HOST_SRC),$(wildcard harness/base/*.c harness/worker/*.c)))
WORKER_OBJ := $(WORKER_SRC:%.c=$B/%.o)
TEST_SRC := $(sort $(wildcard harness/tests/*/*_test.c))
TEST_OBJ := $(TEST_SRC:%.c=$B/%.o)
AGGREGATES := $(patsubst aggregates/%.c,$B/aggregates/%.so,$(sort $(wildcard aggregates/*.c)))
TEST_PLUGINS := $(patsubst harness/tests/worker/plugins/%.c,$B/tests/plugins/%.so,$(sort $(filter-out %/fake_worker.c,$(wildcard harness/tests/worker/plugins/*.c)))) \
                $(patsubst harness/tests/worker/plugins/%.cpp,$B/tests/plugins/%.so,$(sort $(wildcard harness/tests/worker/plugins/*.cpp)))
TEST_TOOLS := $(patsubst harness/tests/worker/plugins/%.c,$B/tests/%,$(wildcard harness/tests/worker/plugins/fake_worker.c))

.PHONY: all
all: $B/refold $B/refold-worker $(AGGREGATES) $B/include ## build refold, its worker and the aggregates
	@mkdir -p build/aggregates
	@for f in refold refold-worker include; do ln -sfn $(PROFILE)/$$f build/$$f; done
	@for f in $(AGGREGATES); do ln -sfn ../$(PROFILE)/aggregates/$${f##*/} build/aggregates/$${f##*/}; done

$B/refold: $B/harness/cli/main.o $B/librefold.a
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$B/refold-worker: $(WORKER_OBJ)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lxxhash -ldl -lm

$B/librefold.a: $(LIB_OBJ)
	@rm -f $@
	@$(call say,AR)
	$(Q)ar rcsD $@ $^

$B/include:
	@mkdir -p $B
	$(Q)ln -sfn ../../harness/include $@

# Built anew when ISA-L comes or goes.
$B/isal-$(if $(ISAL),on,off):
	@mkdir -p $B
	@rm -f $B/isal-*
	@touch $@

$B/harness/decode/gzip_isal.o: $B/isal-$(if $(ISAL),on,off)
$B/harness/decode/gzip_isal.o: CPPFLAGS += $(if $(ISAL),-DRF_HAVE_ISAL)

$B/harness/tests/%.o: harness/tests/%.c Makefile
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_COMMON) $(CFLAGS_PROFILE) $(CFLAGS) -c -o $@ $<

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_COMMON) $(PRODUCT_WARNINGS) $(CFLAGS_PROFILE) $(CFLAGS) -c -o $@ $<

$B/aggregates/%.so: aggregates/%.c harness/include/refold/aggregate.h
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(PLUGIN_CFLAGS) -shared -o $@ $<

$B/tests/plugins/%.so: harness/tests/worker/plugins/%.c harness/include/refold/aggregate.h
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(PLUGIN_CFLAGS) -shared -o $@ $<

$B/tests/plugins/%.so: harness/tests/worker/plugins/%.cpp harness/include/refold/aggregate.h
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CXX) $(PLUGIN_CXXFLAGS) -shared -o $@ $<

$B/tests/fake_worker: harness/tests/worker/plugins/fake_worker.c $B/librefold.a
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_COMMON) $(CFLAGS_PROFILE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$B/tests/unit: $(TEST_OBJ) $B/librefold.a
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(LDLIBS)

-include $(LIB_OBJ:.o=.d) $(WORKER_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $B/harness/cli/main.d

# ---- what people call ----------------------------------------------------------------------------
.PHONY: setup setup-test
setup: ## install what the build needs and this machine lacks
	@$(if $(NO_SETUP),:,scripts/setup build)
setup-test:
	@$(if $(NO_SETUP),:,scripts/setup build test)

.PHONY: demo
demo: setup ## replay a real history, break an aggregate, see what refold says
	@$(MAKE) --no-print-directory -s all
	@scripts/demo

.PHONY: test
test: setup-test ## all tests; five minutes at most on two cores
	@$(MAKE) --no-print-directory -s check

.PHONY: check
check: all check-unit check-cli check-oracles

.PHONY: check-build
check-build: all $B/tests/unit $(TEST_PLUGINS) $(TEST_TOOLS)

.PHONY: check-unit
check-unit: check-build ## unit tests (Criterion)
	REFOLD_BUILD=$B scripts/unit-tests $B

.PHONY: check-cli
check-cli: check-build ## transcripts of the command line, against goldens
	REFOLD_BUILD=$B scripts/cli-tests

.PHONY: check-oracles
check-oracles: check-build ## real histories against independent oracles, damage, crashes, order
	REFOLD_BUILD=$B /usr/bin/env python3 harness/tests/oracle/run.py

.PHONY: update-goldens
update-goldens: check-build ## write the command line's transcripts anew; review the diff
	REFOLD_BUILD=$B scripts/cli-tests --update

.PHONY: asan
asan: ## unit tests and transcripts under ASan and UBSan
	@REFOLD_SLOW=1 $(MAKE) --no-print-directory PROFILE=asan check-unit check-cli

.PHONY: bench
bench: setup ## refold against inflating the same files alone
	@$(MAKE) --no-print-directory -s all
	@scripts/bench

.PHONY: mutate
mutate: check-build ## would the tests notice? mutants of accounting, comparison, exit codes
	@scripts/mutate

.PHONY: lint
lint: ## formatter, linters, layers
	@$(if $(NO_SETUP),:,scripts/setup build test lint)
	@scripts/lint

.PHONY: format
format: ## clang-format in place
	clang-format -i $$(git ls-files '*.c' '*.h' '*.cpp')

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile
