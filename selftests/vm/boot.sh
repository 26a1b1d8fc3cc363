#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# boot.sh [-ix] [-t SECONDS] [-w FOLDER] KERNEL [COMMAND ARG...]: boot that kernel
# and run a command in it, as root, in an overlay of the root of its suite.
#
#   -i          a shell on the console instead of a command
#   -t SECONDS  the machine is stopped after that time: 300; for a kernel that is
#               slower, as often that as its "slow" says
#   -w FOLDER   is /srv in the machine, writable: build/vm/scratch if not given
#   -x          the kernel is expected to complain: 126 as ever, but in few words
#
# The command's output comes as it is written; its status is this script's. In its
# environment are VM_KERNEL and VM_SLOW, for limits of its own. Other statuses:
# 124 the time was up, 125 the machine could not run it (see what stands on
# stderr), 126 it went well, but the kernel complained. The console is kept in
# FOLDER/.vm.*/console if something went wrong.

set -euo pipefail

. "$(dirname "$0")/common.sh"
. "$vm_dir/accel.sh"

usage()
{
	sed -n '4,12s/^# \?//p' "$0" >&2
	exit 125
}

interactive=false
limit=300
work=
expected=false
while getopts it:w:x opt; do
	case $opt in
	i) interactive=true ;;
	t) limit=$OPTARG ;;
	w) work=$OPTARG ;;
	x) expected=true ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || usage
kernel=$1
shift
$interactive || [ $# -ge 1 ] || usage

vm_need_root
vm_kernel "$kernel"
limit=$((limit * slow))
# shellcheck disable=SC2154 # of machines/*.conf
qemu_path=$("$vm_dir/tools.sh" "$qemu")
virtiofsd=$("$vm_dir/tools.sh" virtiofsd)

tmp=$(mktemp -d)
pids=()
# shellcheck disable=SC2317 # called by the trap
cleanup()
{
	local pid

	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# patterns FILE...: without comments; nothing of a file that is not there.
patterns()
{
	(cd "$vm_dir" && cat "$@" 2>/dev/null) | grep -vE '^(#|$)' || true
}

[ -n "$work" ] || work=$vm_build/scratch
mkdir -p "$work"
work=$(cd "$work" && pwd)
run=$(mktemp -d "$work/.vm.XXXXXX")
mkdir "$run/bin"
cp "$vm_dir"/guest/vm-* "$run/bin"
patterns dmesg-bad >"$run/bin/dmesg-bad"
patterns dmesg-ok "kernels/$kernel.dmesg-ok" >"$run/bin/dmesg-ok"
printf 'export VM_KERNEL=%q VM_SLOW=%q\ncd /srv\nexec' "$kernel" "$slow" \
	>"$run/command"
printf ' %q' "$@" >>"$run/command"
: >"$run/out"
: >"$run/err"

# share TAG FOLDER ARG...: a virtiofsd of its own, and QEMU's arguments for it.
share()
{
	local tag=$1 dir=$2

	shift 2
	"$virtiofsd" --socket-path "$tmp/$tag.sock" --shared-dir "$dir" \
		--sandbox chroot --cache always --log-level error "$@" \
		</dev/null >>"$run/virtiofsd" 2>&1 &
	pids+=($!)
	shares+=(-chardev "socket,id=$tag,path=$tmp/$tag.sock"
		-device "vhost-user-fs-pci,chardev=$tag,tag=$tag")
}

sockets()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		[ ! -S "$tmp/root.sock" ] || [ ! -S "$tmp/work.sock" ] || return 0
		sleep 0.05
	done
	cat "$run/virtiofsd" >&2
	return 1
}

# stream FILE: as it grows, until QEMU is gone.
stream()
{
	tail -c +1 -s 0.1 -f --pid="$qemu_pid" "$run/$1" 2>/dev/null
}

complaints()
{
	tr -d '\r' <"$run/console" | "$run/bin/vm-complaints"
}

# One CPU, an instruction a nanosecond, no time while it is idle.
exact=()
if [ -n "${PCRING_VM_EXACT:-}" ]; then
	accel=tcg,thread=single
	cpus=1
	exact=(-icount "shift=0,sleep=off")
else
	accel=$(vm_accel)
fi
"$vm_dir/initramfs.sh" "$kernel" "$tmp/initramfs"
shares=()
share root "$root" --readonly
share work "$work"
sockets || vm_die "virtiofsd does not start"

line="console=$console panic=-1 mitigations=off log_buf_len=4M loglevel=8"
line+=" $cmdline ${PCRING_VM_CMDLINE:-} vm.run=${run##*/}"
# A socket for each CPU: a kernel without ACPI is told of one CPU a socket.
args=(-machine "$machine,memory-backend=mem" -accel "$accel" -cpu "$cpu"
	-smp "$cpus,sockets=$cpus" -m "$memory"
	-nodefaults -display none -no-reboot
	-object "memory-backend-memfd,id=mem,size=$memory,share=on"
	-kernel "$image" -initrd "$tmp/initramfs" "${shares[@]}"
	"${exact[@]}")
vm_say "boot $release ($accel, $cpus CPUs, $memory)"
start=$EPOCHREALTIME

if $interactive; then
	"$qemu_path" "${args[@]}" -serial mon:stdio \
		-append "$line vm.shell quiet"
	exit
fi

# In the foreground: who stops the group this runs in stops QEMU with it.
timeout --foreground -k 5 "$limit" "$qemu_path" "${args[@]}" -append "$line" \
	-serial "file:$run/console" </dev/null >"$run/qemu" 2>&1 &
qemu_pid=$!
pids+=("$qemu_pid")
stream err >&2 &
errors=$!
stream out
wait "$errors" || true
status=0
wait "$qemu_pid" || status=$?

complained=false
what="$release was up for $(vm_since "$start") s"
if [ -r "$run/status" ]; then
	status=$(cat "$run/status")
	what+=", the command's status $status"
elif [ "$status" -eq 124 ]; then
	what+=", stopped: the limit is $limit s"
else
	status=125
	what+=", it died"
	cat "$run/qemu" >&2
fi
vm_say "$what"
if [ ! -e "$run/status" ]; then
	vm_say "last on its console:"
	tail -n 30 "$run/console" | tr -d '\r' | sed 's/^/  | /' >&2
fi
found=$(complaints) || complained=true
if $complained && [ "$status" -eq 0 ]; then
	status=126
fi
if $complained && ! $expected; then
	vm_say "the kernel complained:"
	printf '%s\n' "$found" | sed 's/^/  | /' >&2
fi
if [ "$status" -eq 0 ] || { $expected && [ "$status" -eq 126 ]; }; then
	rm -rf "$run"
else
	vm_say "console: $run/console"
fi
exit "$status"
