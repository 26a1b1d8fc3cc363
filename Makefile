# SPDX-License-Identifier: GPL-2.0-only
#
# pcring. "make help" says what there is. What is built stands in build/; what is
# fetched, in the cache folder of scripts/cache.sh.

prefix ?= /usr/local
includedir ?= $(prefix)/include
libdir ?= $(prefix)/lib
DESTDIR ?=
INSTALL ?= install

BUILD := build
UAPI := $(sort $(wildcard uapi/linux/*.h))
# The folders that build something have a Makefile.
LIB := $(patsubst %/Makefile,%,$(wildcard lib/Makefile))
PROGRAMS := $(patsubst %/Makefile,%,$(sort $(wildcard selftests/*/Makefile)))

all: $(LIB) $(PROGRAMS)

$(LIB) $(PROGRAMS):
	$(MAKE) -C $@

$(PROGRAMS): | $(LIB)

# All suites, and those in a VM on one kernel; PCRING_VM_KERNELS says which.
check: deps
	scripts/run-tests.sh $(or $(SUITES),all selftests/vm/check)

check-all: export PCRING_VM_KERNELS := all
check-all: check

check-vm: deps
	scripts/run-tests.sh selftests/vm/check

# Outside modules, for the kernel that runs or the one of KERNEL.
KERNEL ?= /lib/modules/$(shell uname -r)/build

modules modules_install:
	$(MAKE) -C $(KERNEL) M=$(CURDIR) $@

demo: deps
	$(MAKE) -C lib
	scripts/demo.sh

lint: deps
	scripts/run-tests.sh scripts/lint.sh

# Once a file is formatted, lint has nothing to say to it.
format:
	scripts/format.sh -i $$(git ls-files '*.c' '*.h' '*.cc')

deps:
	scripts/deps.sh

bench:
	$(MAKE) -C selftests/bench bench

bench-vm: deps
	selftests/vm/bench

fuzz:
	$(MAKE) -C selftests/fuzz fuzz

clean:
	for dir in $(LIB) $(PROGRAMS); do $(MAKE) -C $$dir clean; done
	rm -rf $(BUILD)

install: install-uapi $(addprefix install-,$(LIB))

install-uapi:
	$(INSTALL) -d $(DESTDIR)$(includedir)/linux
	$(INSTALL) -m 644 $(UAPI) $(DESTDIR)$(includedir)/linux

install-lib:
	$(MAKE) -C lib install DESTDIR=$(abspath $(DESTDIR)) prefix=$(prefix) \
		includedir=$(includedir) libdir=$(libdir)

help:
	@echo 'make              build the library and the test programs'
	@echo 'make check        install what is missing, run all test suites, those in'
	@echo '                  a VM on Linux 6.12; SUITES="unit abi" for some of them'
	@echo 'make check-all    the same, in VMs on all kernels: 6.1, 6.12, and one with'
	@echo '                  sanitizers, which is built first: a quarter of an hour'
	@echo 'make check-vm     only those in a VM; PCRING_VM_KERNELS="6.12 6.1" for both'
	@echo 'make demo         what the rings are for, between programs'
	@echo 'make lint         style, documentation, warnings, project rules'
	@echo 'make format       clang-format on all tracked files'
	@echo 'make bench        measure, natively; wants a quiet machine'
	@echo 'make bench-vm     requests to the module beside io_uring, by instructions'
	@echo 'make fuzz         fuzz the consumers'
	@echo 'make install      headers, library, pkg-config; DESTDIR, prefix'
	@echo 'make deps         install the Debian packages that are missing'
	@echo 'make clean        remove build/'
	@echo 'CC or PCRING_CC chooses the compiler; PCRING_CACHE, where what is'
	@echo 'fetched goes'

.PHONY: all modules modules_install check check-all check-vm demo lint format deps bench bench-vm fuzz clean install install-uapi \
	install-lib help $(LIB) $(PROGRAMS)
