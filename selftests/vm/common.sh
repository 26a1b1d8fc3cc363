# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# common.sh: what the scripts here share. Source it.

# shellcheck disable=SC2034 # used by those that source this
vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
vm_top=$(cd "$vm_dir/../.." && pwd)
vm_cache=${PCRING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pcring}/vm
vm_build=${PCRING_BUILD:-$vm_top/build}/vm

vm_say()
{
	printf 'vm: %s\n' "$*" >&2
}

vm_die()
{
	vm_say "$*"
	exit 1
}

# vm_step WHAT COMMAND...: says what is done, and how long it took. Not to be used
# as a condition: a function that fails in its middle would go on there.
vm_step()
{
	local what=$1 start=$EPOCHREALTIME

	shift
	vm_say "$what"
	"$@"
	vm_say "$what: done in $(vm_since "$start") s"
}

# vm_since START: seconds since $EPOCHREALTIME was START, with a tenth.
vm_since()
{
	local us=$((${EPOCHREALTIME/./} - ${1/./}))

	printf '%d.%d' $((us / 1000000)) $((us / 100000 % 10))
}

# vm_awk ARG...: awk that does not wait for a full buffer.
vm_awk()
{
	if awk -W version 2>&1 </dev/null | grep -q mawk; then
		awk -W interactive "$@"
	else
		awk "$@"
	fi
}

vm_need_root()
{
	[ "$(id -u)" -eq 0 ] || vm_die "${0##*/} needs root: it makes mounts"
}

# vm_lock NAME: held until this process ends; one at a time for each name.
vm_lock()
{
	local fd

	mkdir -p "$vm_cache"
	exec {fd}>"$vm_cache/$1.lock"
	if ! flock -n "$fd"; then
		vm_say "waiting for another that makes $1"
		flock "$fd"
	fi
}

# vm_kernels: the names there are.
vm_kernels()
{
	local conf

	for conf in "$vm_dir"/kernels/*.conf; do
		conf=${conf##*/}
		printf '%s\n' "${conf%.conf}"
	done
}

# vm_conf NAME: reads kernels/NAME.conf and finds the root. Sets suite, flavour,
# fragments, modules, cmdline, slow, suites, splats, arch and what
# machines/ARCH.conf sets, root.
vm_conf()
{
	local conf=$vm_dir/kernels/$1.conf

	[ -r "$conf" ] || vm_die "no kernel $1; there are:" \
		"$(vm_kernels | tr '\n' ' ')"
	suite='' packages='' flavour='' fragments='' modules='' cmdline=''
	arch=amd64 memory=2G cpus=2 slow=1 suites='' splats=warn
	# shellcheck disable=SC1090 # one of kernels/*.conf
	. "$conf"
	# shellcheck disable=SC1090 # one of machines/*.conf
	. "$vm_dir/machines/$arch.conf"
	root=$("$vm_dir/root.sh" "$suite")
}

# vm_kernel NAME: vm_conf, and the kernel of that root, or one built from
# fragments. Sets release, image, headers (as the root names them), kernel_dir and
# module_dir (on this machine).
vm_kernel()
{
	local images

	vm_conf "$1" || return
	if [ -n "$fragments" ]; then
		kernel_dir=$("$vm_dir/kernel.sh" "$1") || return
		image=$kernel_dir/image
		release=$(cat "$kernel_dir/release")
		module_dir=$kernel_dir
		headers=/mnt
		return
	fi
	mapfile -t images < <(cd "$root/boot" &&
		printf '%s\n' vmlinuz-*-"$flavour" | sort -V)
	kernel_dir=''
	image=$root/boot/${images[-1]}
	[ -r "$image" ] || vm_die "$root has no kernel of flavour $flavour"
	release=${images[-1]#vmlinuz-}
	module_dir=$root/lib/modules/$release
	headers=/usr/src/linux-headers-$release
}
