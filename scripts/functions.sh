#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# functions.sh HEADER...: the inline functions they define, a name a line.

set -euo pipefail

sed -nE '/^(static inline|PCRING_HOT|PCRING_RACY|pcring_)/ {
	s/^[^(]*\b(pcring_[a-z0-9_]+)\(.*/\1/p
}' "$@"
