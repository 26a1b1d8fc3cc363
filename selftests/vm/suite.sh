# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# suite.sh: the functions of scripts/cache.sh that speak to apt about suites other
# than the machine's. Source it after common.sh. They come without the script's
# last part, which acts on its arguments.

# shellcheck disable=SC1090 # scripts/cache.sh, cut
. <(sed '/^# ---- main/,$d' "$vm_top/scripts/cache.sh")

for vm_function in suite_update suite_apt wrap; do
	declare -F "$vm_function" >/dev/null ||
		vm_die "scripts/cache.sh defines no $vm_function any more"
done

# The mirror of a suite whose lists were updated, as a file for mmdebstrap.
vm_sources()
{
	printf '%s\n' "${PCRING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pcring}"/apt/"$1"/sources.list
}
