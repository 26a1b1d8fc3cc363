#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# format.sh ARG...: clang-format of the version this tree is formatted with; others
# make something else of one .clang-format.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
format=clang-format
if [[ "$(clang-format --version 2>/dev/null)" != *" version 14."* ]]; then
	format=$("$here/cache.sh" clang-format)
fi
exec "$format" "$@"
