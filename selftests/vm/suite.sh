# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# suite.sh: the functions of scripts/cache.sh that speak to apt about suites other
# than the machine's. Source it after common.sh.

# shellcheck source=scripts/cache.sh
. "$vm_top/scripts/cache.sh"

# The mirror of a suite whose lists were updated, as a file for mmdebstrap.
vm_sources()
{
	printf '%s\n' "${PCRING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pcring}"/apt/"$1"/sources.list
}
