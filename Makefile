# SPDX-License-Identifier: MIT
# refold: build, test, lint. `make help` lists the targets.

PROFILE ?= release
CC ?= cc
B := build/$(PROFILE)
VERSION := 0.1.0

# Where `make install` puts things, below DESTDIR.
PREFIX ?= /usr/local
bindir ?= $(PREFIX)/bin
libexecdir ?= $(PREFIX)/libexec
includedir ?= $(PREFIX)/include
libdir ?= $(PREFIX)/lib
datadir ?= $(PREFIX)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/refold
plugindir ?= $(libdir)/refold/aggregates
INSTALL ?= install

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
LDLIBS := $(if $(ISAL),-lisal) -lz -ljansson -lxxhash -lnettle -ldl -lm
LDFLAGS += -pie -pthread

ifeq ($(PROFILE),release)
CFLAGS_PROFILE := -O3 -fno-plt -D_FORTIFY_SOURCE=2 -fstack-protector-strong
LDFLAGS += -Wl,-z,relro,-z,now
else ifeq ($(PROFILE),debug)
CFLAGS_PROFILE := -O0
else ifeq ($(PROFILE),asan)
CFLAGS_PROFILE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else ifeq ($(PROFILE),fuzz)
# clang's, with its fuzzer: `make fuzz`
CFLAGS_PROFILE := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
                  -DFUZZ_BY_LIBFUZZER
LDFLAGS += -fsanitize=fuzzer,address,undefined
else ifeq ($(PROFILE),tsan)
CFLAGS_PROFILE := -O1 -fsanitize=thread
LDFLAGS += -fsanitize=thread
else ifeq ($(PROFILE),coverage)
# Counts of branches, of what runs in refold itself: `make coverage`. A worker may write no files.
CFLAGS_PROFILE := -O0
LDFLAGS += --coverage
$(addprefix $B/,$(patsubst %,harness/%/%.o,walk mirror decode history fold types look golden scenario cli) reports/%.o): CFLAGS_PROFILE += --coverage
else
$(error PROFILE is release, debug, asan, tsan, fuzz or coverage)
endif

# Workers are held by a filter of system calls that libseccomp makes when refold is built; without it
# (or with `make SECCOMP=`) they are held less, and the reports say so.
SECCOMP ?= $(wildcard /usr/include/seccomp.h /usr/local/include/seccomp.h)

# Aggregates are built as a user builds one; in a sanitizer profile too, so that the worker can load
# them beside its own runtime.
PLUGIN_CFLAGS := -std=c11 -O2 -g -fPIC -fvisibility=hidden -Wall -Wextra -Iharness/include -MMD -MP
PLUGIN_CXXFLAGS := -std=c++11 -O2 -g -fPIC -fvisibility=hidden -Wall -Wextra -Iharness/include -MMD -MP

# ---- what is built -------------------------------------------------------------------------------
# heap.c takes the place of malloc: in the worker only.
LIB_SRC := $(sort $(filter-out harness/cli/main.c $(patsubst %,harness/worker/%.c,heap interpose make_filter worker_main) harness/man/fill.c,$(wildcard harness/*/*.c reports/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$B/%.o)
# The worker knows nothing of refold but the base, the programs' protocol and its own folder; less what it does not need.
NOT_OF_WORKER := $(patsubst %,harness/base/%.c,crew day files hmac journal lock md5 memfile names sha256 temporary threads tmpfile typo) \
                 harness/worker/make_filter.c
WORKER_SRC := $(sort $(filter-out $(NOT_OF_WORKER),$(wildcard harness/base/*.c harness/program/*.c harness/worker/*.c)))
WORKER_OBJ := $(WORKER_SRC:%.c=$B/%.o)
TEST_SRC := $(sort $(wildcard harness/tests/*/*_test.c)) harness/tests/no_certificates.c
TEST_OBJ := $(TEST_SRC:%.c=$B/%.o)
AGGREGATES := $(patsubst aggregates/%.c,$B/aggregates/%.so,$(sort $(wildcard aggregates/*.c)))
# In C++ where there is a compiler for it.
HAVE_CXX := $(shell command -v $(firstword $(CXX)) 2>/dev/null)
CPP_AGGREGATES := $(if $(HAVE_CXX),$(patsubst aggregates/cpp/%.cpp,$B/aggregates/cpp/%.so,$(sort $(wildcard aggregates/cpp/*.cpp))))
TEST_PLUGINS := $(patsubst harness/tests/worker/plugins/%.c,$B/tests/plugins/%.so,$(sort $(filter-out %/fake_worker.c,$(wildcard harness/tests/worker/plugins/*.c)))) \
                $(if $(HAVE_CXX),$(patsubst harness/tests/worker/plugins/%.cpp,$B/tests/plugins/%.so,$(sort $(wildcard harness/tests/worker/plugins/*.cpp))))
TEST_TOOLS := $(patsubst harness/tests/worker/plugins/%.c,$B/tests/%,$(wildcard harness/tests/worker/plugins/fake_worker.c)) \
              $B/tests/aws_tool $B/tests/held_tool $B/tests/inject.so $B/tests/bin/python3 \
              $(patsubst harness/tests/worker/programs/%.c,$B/tests/programs/%,$(sort $(wildcard harness/tests/worker/programs/*.c)))
# The same aggregates in Go, and what tests want of it: where there is a go.
GO ?= $(shell command -v go)
GO_SRC := $(wildcard aggregates/go/*.go aggregates/go/*/*.go aggregates/go/*/*/*.go aggregates/go/*/*/*/*.go aggregates/go/go.mod)
GO_PROGRAMS := $(if $(GO),$(addprefix $B/aggregates-go/,order nothing talk protobuf zoo))
# And in Rust: where there is a cargo, and the crates that it needs, as the distribution has them.
CARGO ?= $(shell command -v cargo)
CRATES ?= /usr/share/cargo/registry
RUST_SRC := $(wildcard aggregates/rust/src/*.rs aggregates/rust/src/*/*.rs aggregates/rust/examples/*.rs aggregates/rust/Cargo.toml)
RUST_PROGRAMS := $(if $(and $(CARGO),$(wildcard $(CRATES)/serde_json-*)),$(addprefix $B/aggregates-rust/,order counter zoo))
# Builds with a bug each, for the simulation.
SIM_PLUGINS := $(patsubst harness/tests/sim/plugins/%.c,$B/tests/sim/%.so,$(sort $(wildcard harness/tests/sim/plugins/*.c)))
FUZZERS := $(patsubst harness/tests/fuzz/%_fuzz.c,$B/tests/fuzz/%,$(sort $(wildcard harness/tests/fuzz/*_fuzz.c)))
# The fuzz targets hold refold against simdjson, too, where that is.
SIMDJSON ?= $(if $(HAVE_CXX),$(wildcard /usr/include/simdjson.h /usr/local/include/simdjson.h))
# What aggregates in Go and Rust are built with, without its tests and examples: below share/.
LIBRARIES := $(patsubst aggregates/%,%,$(sort $(filter-out %_test.go aggregates/go/internal/asker/%, \
    $(wildcard $(addprefix aggregates/go/,go.mod *.md *.go internal/*/*.go eventsource/*.go) \
               $(addprefix aggregates/rust/,Cargo.toml *.md src/*.rs)))))
# Below share/refold: each before that which holds it.
LIBRARY_FOLDERS := go/internal/descriptor go/internal go/eventsource go rust/src rust
MAN := $(patsubst harness/man/%.in,$B/man/%,$(sort $(wildcard harness/man/*.in)))

.PHONY: all
all: $B/refold $B/refold-worker $(AGGREGATES) $(CPP_AGGREGATES) $B/include $B/share/made ## build refold, its worker and the aggregates
	@mkdir -p build/aggregates/cpp
	@for f in refold refold-worker include; do ln -sfn $(PROFILE)/$$f build/$$f; done
	@for f in $(AGGREGATES); do ln -sfn ../$(PROFILE)/aggregates/$${f##*/} build/aggregates/$${f##*/}; done
	@for f in $(CPP_AGGREGATES); do ln -sfn ../../$(PROFILE)/aggregates/cpp/$${f##*/} build/aggregates/cpp/$${f##*/}; done

$B/refold: $B/harness/cli/main.o $B/librefold.a
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

ifeq ($(PROFILE),tsan)
# A worker has one thread; and ThreadSanitizer takes more memory than it may have.
$B/refold-worker: FORCE
	@$(MAKE) --no-print-directory -s PROFILE=release build/release/refold-worker
	@mkdir -p $B
	$(Q)ln -sfn ../release/refold-worker $@
else
# An aggregate's calls of the C library that tell of the world come to the worker (interpose.c).
$B/refold-worker: $(WORKER_OBJ) harness/worker/interpose.list
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -Wl,--dynamic-list=harness/worker/interpose.list -o $@ $(WORKER_OBJ) -lxxhash -ldl -lm
endif

$B/librefold.a: $(LIB_OBJ)
	@rm -f $@
	@$(call say,AR)
	$(Q)ar rcsD $@ $^

$B/include:
	@mkdir -p $B
	$(Q)ln -sfn ../../harness/include $@

$B/libraries: FORCE
	@mkdir -p $B
	@echo '$(LIBRARIES)' | cmp -s - $@ || echo '$(LIBRARIES)' >$@

# Whole: a file that is gone must not stay.
$B/share/made: $(LIBRARIES:%=aggregates/%) $B/libraries
	@rm -rf $(@D) && mkdir -p $(@D)
	@$(call say,COPY)
	$(Q)for f in $(LIBRARIES); do $(INSTALL) -D -m 644 aggregates/$$f $(@D)/$$f || exit; done
	@touch $@

# Manual pages: prose, and what the tables of verbs, options and exit statuses know.
$B/fill-manual: $B/harness/man/fill.o $B/librefold.a
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$B/man/%: harness/man/%.in $B/fill-manual
	@mkdir -p $(@D)
	@$(call say,MAN)
	$(Q)$B/fill-manual $* <$< >$@

# Where refold looks for its worker and header: from its own folder, if they are installed beside
# that; else there. Built anew when it changes.
beside = $(if $(filter $(dir $(bindir))$1,$2),../$1,$2)
WORKER_PLACE := $(call beside,libexec,$(libexecdir))/refold/refold-worker
HEADER_PLACE := $(call beside,include,$(includedir))
SHARE_PLACE := $(call beside,share,$(datadir))/refold
$B/places: FORCE
	@mkdir -p $B
	@echo '$(WORKER_PLACE) $(HEADER_PLACE) $(SHARE_PLACE)' | cmp -s - $@ || \
	    echo '$(WORKER_PLACE) $(HEADER_PLACE) $(SHARE_PLACE)' >$@
FORCE:

PLACED := $B/harness/host/build.o $B/harness/host/compile.o $B/harness/cli/new_library.o
$(PLACED): $B/places
$(PLACED): CPPFLAGS += -DREFOLD_WORKER_PLACE='"$(WORKER_PLACE)"' \
    -DREFOLD_HEADER_PLACE='"$(HEADER_PLACE)"' -DREFOLD_SHARE_PLACE='"$(SHARE_PLACE)"'

$B/completion/%: $B/refold
	@mkdir -p $(@D)
	@$(call say,GEN)
	$(Q)$B/refold completion $* >$@

$B/refold.pc: harness/include/refold.pc.in FORCE
	@rm -f $@ # it may be root's
	@$(call say,GEN)
	$(Q)sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@VERSION@,$(VERSION),' \
	    -e 's,@includedir@,$(call in_prefix,$(includedir)),' -e 's,@libdir@,$(call in_prefix,$(libdir)),' \
	    -e 's,@plugindir@,$(call in_prefix,$(plugindir)),' \
	    -e "s,@abi@,$$(sed -n 's/^#define REFOLD_ABI_VERSION //p' harness/include/refold/aggregate.h)," $< >$@
in_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$1)

# Built anew when ISA-L comes or goes.
$B/isal-$(if $(ISAL),on,off):
	@mkdir -p $B
	@rm -f $B/isal-*
	@touch $@

$B/harness/decode/gzip_isal.o: $B/isal-$(if $(ISAL),on,off)
$B/harness/decode/gzip_isal.o: CPPFLAGS += $(if $(ISAL),-DRF_HAVE_ISAL)

# Built anew when libseccomp comes or goes.
$B/seccomp-$(if $(SECCOMP),on,off):
	@mkdir -p $B
	@rm -f $B/seccomp-*
	@touch $@

$B/make-filter: $B/harness/worker/make_filter.o
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lseccomp

$B/generated/worker/filters.inc $B/generated/worker/call_names.inc: $B/make-filter
	@mkdir -p $(@D)
	@$(call say,GEN)
	$(Q)$B/make-filter $(basename $(@F)) >$@

HELD := $(patsubst %,$B/harness/%.o,worker/sandbox host/tried host/ward)
$(HELD): $B/seccomp-$(if $(SECCOMP),on,off)
$(HELD): CPPFLAGS += $(if $(SECCOMP),-DRF_HAVE_SECCOMP -I$B/generated)
$(if $(SECCOMP),$(HELD): $B/generated/worker/filters.inc $B/generated/worker/call_names.inc)

# What `refold new` writes, as arrays of bytes.
SKELETON := $(sort $(wildcard harness/cli/skeleton/*.in))
$B/generated/cli/skeleton.inc: $(SKELETON) Makefile
	@mkdir -p $(@D)
	@$(call say,GEN)
	$(Q)for f in $(SKELETON); do n=$${f##*/}; n=$${n%.in}; \
	    echo "static const unsigned char skeleton_$$(echo $$n | tr . _)[] = {"; \
	    od -An -v -tx1 $$f | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'; echo "};"; done >$@

$B/harness/cli/new_language.o: $B/generated/cli/skeleton.inc
$B/harness/cli/new_language.o: CPPFLAGS += -I$B/generated

# A pack holds for those who read objects as its maker did: told by all that has a part in it, as nobody can forget to.
READING := $(sort $(wildcard $(patsubst %,harness/%/*.[ch],base program walk worker host decode key history)))
$B/harness/history/pack_rules.o: $(READING)
$B/harness/history/pack_rules.o: CPPFLAGS += -DRF_READING=0x$(shell sha256sum $(READING) | sha256sum | cut -c1-8)

# Tests are not what is slow in them: unoptimized they are compiled in half the time.
CFLAGS_TEST = $(if $(filter release,$(PROFILE)),-O0,$(CFLAGS_PROFILE))
$B/harness/tests/fuzz/%.o: CFLAGS_TEST = $(CFLAGS_PROFILE)
$B/harness/tests/%.o: harness/tests/%.c Makefile
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_COMMON) $(CFLAGS_TEST) $(CFLAGS) -c -o $@ $<

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_COMMON) $(PRODUCT_WARNINGS) $(CFLAGS_PROFILE) $(CFLAGS) -c -o $@ $<

$B/aggregates/%.so: aggregates/%.c harness/include/refold/aggregate.h
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(PLUGIN_CFLAGS) -shared -o $@ $<

$B/aggregates/cpp/%.so: aggregates/cpp/%.cpp harness/include/refold/aggregate.h harness/include/refold/aggregate.hpp
	@mkdir -p $(@D)
	@$(call say,CXX)
	$(Q)$(CXX) $(PLUGIN_CXXFLAGS) -shared -o $@ $<

$B/tests/plugins/%.so: harness/tests/worker/plugins/%.c harness/include/refold/aggregate.h
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(PLUGIN_CFLAGS) -shared -o $@ $<

$B/tests/plugins/%.so: harness/tests/worker/plugins/%.cpp harness/include/refold/aggregate.h harness/include/refold/aggregate.hpp
	@mkdir -p $(@D)
	@$(call say,CXX)
	$(Q)$(CXX) $(PLUGIN_CXXFLAGS) -shared -o $@ $<

.PHONY: go
go: $(GO_PROGRAMS) ## the aggregates in Go, where there is a go: build/release/aggregates-go/
$(addprefix $B/aggregates-go/,order nothing): GO_FOLDER = cmd/$(@F)
$(addprefix $B/aggregates-go/,talk protobuf): GO_FOLDER = examples/$(@F)
$B/aggregates-go/zoo: GO_FOLDER = zoo
$B/aggregates-go/%: $(GO_SRC)
	@mkdir -p $(@D)
	@$(call say,GO)
	$(Q)cd aggregates/go && CGO_ENABLED=0 $(GO) build -trimpath -o $(abspath $@) ./$(GO_FOLDER)

# Programs that speak the worker protocol, with nothing of refold's in them.
$B/tests/programs/%: harness/tests/worker/programs/%.c
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(CC) -std=c11 -O2 -g -Wall -Wextra -o $@ $<

.PHONY: rust
rust: $(RUST_PROGRAMS) ## the aggregates in Rust, where there is a cargo: build/release/aggregates-rust/
$B/cargo/built: $(RUST_SRC) aggregates/rust/README.md
	@mkdir -p $(@D)
	@$(call say,CARGO)
	$(Q)cd aggregates/rust && $(CARGO) build -q --release --offline --bins --examples --target-dir $(abspath $B/cargo) \
	    --config 'source.crates-io.replace-with="crates"' --config 'source.crates.directory="$(CRATES)"'
	@touch $@
$B/aggregates-rust/order: RUST_FOLDER = release
$(addprefix $B/aggregates-rust/,counter zoo): RUST_FOLDER = release/examples
$B/aggregates-rust/%: $B/cargo/built
	@mkdir -p $(@D)
	$(Q)cp $B/cargo/$(RUST_FOLDER)/$* $@

$B/tests/sim/%.so: harness/tests/sim/plugins/%.c harness/tests/sim/plugins/order.h $(wildcard aggregates/*.c) harness/include/refold/aggregate.h
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) $(PLUGIN_CFLAGS) -I. -shared -o $@ $<

$B/tests/plugins/twin_base.so $B/tests/plugins/twin_head.so: harness/tests/worker/plugins/twin.h
$(patsubst %,$B/tests/plugins/burglar_%.so,load init apply snapshot): harness/tests/worker/plugins/burglar.h

$B/tests/fake_worker: harness/tests/worker/plugins/fake_worker.c $B/librefold.a
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_COMMON) $(CFLAGS_PROFILE) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Signing and credentials by themselves.
$B/tests/aws_tool: $B/harness/tests/net/aws_tool.o $B/librefold.a
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Starts a program as refold starts one, and speaks no protocol with it.
$B/tests/held_tool: $B/harness/tests/worker/held_tool.o $B/librefold.a
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Python itself, for tests that start it: a manager of versions has a script on the PATH, which takes ten times as long.
$B/tests/bin/python3: FORCE
	@mkdir -p $(@D)
	@ln -sfn "$$(/usr/bin/env python3 -c 'import sys; print(sys.executable)')" $@

# Preloaded into refold by tests: makes its calls fail.
$B/tests/inject.so: harness/tests/faults/inject.c
	@mkdir -p $(@D)
	@$(call say,CC)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu17 -O1 -g -fPIC -fvisibility=hidden -Wall -Wextra -Wshadow -shared -o $@ $< -ldl

$B/tests/unit: $(TEST_OBJ) $B/librefold.a
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcriterion $(LDLIBS)

# Two programs each: by a loop of our own, or (PROFILE=fuzz) by clang's libFuzzer.
FUZZ_FLAGS := $(if $(SIMDJSON),-DFUZZ_HAVE_SIMDJSON)
FUZZ_PEER := $(if $(SIMDJSON),$B/harness/tests/fuzz/simdjson_peer.o)
$B/harness/tests/fuzz/%.o: CPPFLAGS += $(FUZZ_FLAGS)
$B/harness/tests/fuzz/%.o: harness/tests/fuzz/%.cpp Makefile
	@mkdir -p $(@D)
	@$(call say,CXX)
	$(Q)$(CXX) -Iharness -std=c++17 -O2 -g -Wall -Wextra -MMD -MP -fPIE -c -o $@ $<
$B/tests/fuzz/%: $B/harness/tests/fuzz/%_fuzz.o $B/harness/tests/fuzz/fuzz.o $(FUZZ_PEER) $B/librefold.a
	@mkdir -p $(@D)
	@$(call say,LD)
	$(Q)$(if $(SIMDJSON),$(CXX),$(CC)) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(if $(SIMDJSON),-lsimdjson) -lsnappy
.SECONDARY: $(FUZZERS:$B/tests/fuzz/%=$B/harness/tests/fuzz/%_fuzz.o) $B/harness/tests/fuzz/fuzz.o

-include $(LIB_OBJ:.o=.d) $(WORKER_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(wildcard $B/harness/tests/fuzz/*.d) $B/harness/cli/main.d $B/harness/man/fill.d $B/harness/worker/make_filter.d

# ---- what people call ----------------------------------------------------------------------------
# Whoever does not say how many jobs there are to be gets one a processor.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
MAKE_ALL = $(MAKE) --no-print-directory -s $(if $(findstring -j,$(MAKEFLAGS)),,-j$(CORES))
.PHONY: setup setup-test
setup: ## install what the build needs and this machine lacks
	@$(if $(NO_SETUP),:,scripts/setup build)
setup-test:
	@$(if $(NO_SETUP),:,scripts/setup --test)

.PHONY: demo
demo: setup ## replay a real history, break an aggregate, see what refold says
	@$(MAKE_ALL) all
	@scripts/demo

.PHONY: test
test: setup-test ## the quick tests; five minutes on two cores
	@$(MAKE_ALL) check-build
	@$(MAKE) --no-print-directory -s check

# What quick tests write lies in memory, where there is enough.
SCRATCH = TMPDIR=$$(scripts/scratch) REFOLD_BUILD=$B

# Unit tests wait now and then: the transcripts go on beside them. Each of the others has work for all processors.
.PHONY: check
check: check-build
	@$(MAKE) --no-print-directory -s -j2 --output-sync=target check-unit check-cli
	@$(MAKE) --no-print-directory -s check-oracles
	@$(MAKE) --no-print-directory -s check-sim

.PHONY: check-build
check-build: all $(MAN) $B/tests/unit $(FUZZERS) $(TEST_PLUGINS) $(SIM_PLUGINS) $(TEST_TOOLS) $(GO_PROGRAMS) $(RUST_PROGRAMS)

.PHONY: check-unit
check-unit: check-build ## unit tests (Criterion)
	$(SCRATCH) scripts/unit-tests $B

.PHONY: check-cli
check-cli: check-build ## transcripts of the command line, against goldens
	$(SCRATCH) scripts/cli-tests

.PHONY: check-oracles
check-oracles: check-build ## real histories against independent oracles, damage, crashes, order
	$(SCRATCH) /usr/bin/env python3 harness/tests/oracle/run.py

.PHONY: test-slow
test-slow: check-build ## the slow tests, and in full those of which make test takes a part
	REFOLD_BUILD=$B /usr/bin/env python3 harness/tests/oracle/run.py --slow

.PHONY: test-faults
test-faults: check-build ## every fault of harness/docs/faults.md, all its cases; the table; half an hour
	@REFOLD_BUILD=$B scripts/test-faults

# Whole runs by seed against a model: SEEDS of them, or one SEED, whose folder is kept.
SEEDS ?= 10000
FIRST ?= 1
.PHONY: sim
sim: all $(SIM_PLUGINS) ## SEEDS=10000 random runs against a model; SEED=N: that one, and shows it
	@REFOLD_BUILD=$B scripts/sim --progress $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST)) $(SIM)

.PHONY: check-sim
check-sim: all $(SIM_PLUGINS) # some hundreds of seeds, always the same
	$(SCRATCH) scripts/sim --quiet --seeds 200 --first 1

.PHONY: update-goldens
update-goldens: check-build ## write the command line's transcripts anew; review the diff
	REFOLD_BUILD=$B scripts/cli-tests --update

.PHONY: asan
asan: ## unit tests and transcripts under ASan and UBSan
	@$(MAKE_ALL) PROFILE=asan check-build
	@REFOLD_SLOW=1 $(MAKE) --no-print-directory PROFILE=asan check-unit check-cli

# The races that are found lie in build/tsan/races.PID. Criterion does not run under it.
.PHONY: tsan check-races
tsan: ## transcripts of the command line under ThreadSanitizer, by four threads each; TSAN="NAME..."
	@$(MAKE) --no-print-directory PROFILE=tsan check-races
check-races: all $(TEST_PLUGINS) $(TEST_TOOLS)
	@rm -f $B/races.*
	@REFOLD_BUILD=$B REFOLD_SLOW=1 REFOLD_JOBS=4 \
	    TSAN_OPTIONS="log_path=$(CURDIR)/$B/races exitcode=66 suppressions=$(CURDIR)/harness/tests/tsan.suppressions" \
	    scripts/cli-tests $(TSAN) || { cat $B/races.* 2>/dev/null; exit 1; }
	@if cat $B/races.* 2>/dev/null; then exit 1; fi

.PHONY: coverage check-coverage
coverage: ## branches by folder that unit tests, transcripts and oracles take; COVERAGE="unit cli"
	@$(if $(NO_SETUP),:,scripts/setup build test)
	@$(MAKE) --no-print-directory PROFILE=coverage check-coverage
check-coverage: check-build
	@REFOLD_BUILD=$B scripts/coverage $(COVERAGE)

.PHONY: fuzz fuzzers
fuzz: ## every parser against what it promises, FUZZ_SECONDS=60 each; FUZZ="json gzip"
	@$(if $(NO_SETUP),:,scripts/setup build test fuzz)
	@scripts/fuzz $(FUZZ)
fuzzers: $(FUZZERS)

# FRAMES=1000000 SEED=1; of programs those that are built (make go: those in Go too).
.PHONY: fuzz-protocol
fuzz-protocol: check-build ## FRAMES=1000000 of the worker protocol, damaged, to programs and to refold
	@REFOLD_BUILD=$B scripts/fuzz-protocol --frames $(or $(FRAMES),1000000) --seed $(or $(SEED),1)

.PHONY: man
man: $(MAN) ## the manual pages, below build/release/man/

# Mode, file and place of all that is installed.
to = $(foreach f,$2,$1:$f:$3/$(notdir $f))
INSTALLED = $(call to,755,$B/refold,$(bindir)) \
            $(call to,755,$B/refold-worker,$(libexecdir)/refold) \
            $(call to,644,$(patsubst %,harness/include/refold/aggregate.%,h hpp),$(includedir)/refold) \
            $(call to,644,$B/refold.pc,$(libdir)/pkgconfig) \
            $(call to,644,$(AGGREGATES),$(plugindir)) \
            $(call to,644,$(sort $(wildcard reports/schema/*)),$(datadir)/refold/schema) \
            $(foreach n,1 3 5,$(call to,644,$(filter %.$n,$(MAN)),$(mandir)/man$n)) \
            644:$B/completion/bash:$(datadir)/bash-completion/completions/refold \
            644:$B/completion/zsh:$(datadir)/zsh/site-functions/_refold \
            644:$B/completion/fish:$(datadir)/fish/vendor_completions.d/refold.fish \
            $(foreach f,$(LIBRARIES),644:aggregates/$f:$(datadir)/refold/$f) \
            $(call to,644,LICENSE CHANGELOG.md harness/docs/contract.md,$(docdir)) \
            $(call to,644,$(sort $(wildcard aggregates/*.c aggregates/cpp/*.cpp)) $(wildcard harness/ci/*.yml harness/ci/*.json),$(docdir)/examples)
each_installed = for row in $(INSTALLED); do IFS=:; set -- $$row; IFS=' '; $1; done

.PHONY: install install-files uninstall
install: setup ## build the release and install it: PREFIX=/usr/local, DESTDIR=
	@$(MAKE_ALL) PROFILE=release install-files
install-files: all $(MAN) $B/refold.pc $B/completion/bash $B/completion/zsh $B/completion/fish
	@$(call each_installed,$(INSTALL) -D -m "$$1" "$$2" "$(DESTDIR)$$3" || exit)
	@echo "installed below $(DESTDIR)$(PREFIX)"
uninstall: ## remove what make install put there; the same variables
	@$(call each_installed,rm -f "$(DESTDIR)$$3")
	@for folder in $(libexecdir)/refold $(includedir)/refold $(plugindir) $(libdir)/refold $(datadir)/refold/schema \
	    $(addprefix $(datadir)/refold/,$(LIBRARY_FOLDERS)) \
	    $(datadir)/refold $(docdir)/examples $(docdir); do \
	    if [ -d "$(DESTDIR)$$folder" ]; then rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$folder"; fi; \
	done

.PHONY: bench
bench: setup ## refold against inflating the same files alone, and against peers; BENCH=--help
	@$(MAKE_ALL) all
	@scripts/bench $(BENCH)

.PHONY: mutate
mutate: check-build ## would the tests notice? mutants of accounting, comparison, exit codes
	@scripts/mutate

.PHONY: lint
lint: ## formatter, linters, layers
	@$(if $(NO_SETUP),:,scripts/setup build test lint)
	@scripts/lint

.PHONY: format
format: ## clang-format in place
	clang-format -i $$(git ls-files '*.c' '*.h' '*.cpp' '*.hpp')

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile
