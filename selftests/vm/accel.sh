# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
#
# accel.sh: KVM if a kernel boots with it, emulation if not. Source it after
# vm_kernel(). That /dev/kvm is there proves nothing; so a short boot decides, once
# for each boot of this machine and each kernel.

# A kernel without a root panics soon, if it runs at all; panic=-1 then resets the
# machine, which -no-reboot makes QEMU end.
vm_kvm_works()
{
	local log

	[ -w /dev/kvm ] || return 1
	log=$(timeout -k 2 15 "$qemu_path" -machine "$machine" -accel kvm \
		-cpu "$cpu" -smp "$cpus" -m 512M -nodefaults -display none \
		-no-reboot -kernel "$image" -serial stdio \
		-append "console=$console panic=-1" </dev/null 2>&1) || return 1
	grep -q "Unable to mount root\|not syncing: VFS" <<<"$log"
}

# vm_accel: QEMU's -accel. PCRING_VM_ACCEL decides without a trial.
vm_accel()
{
	local known emulate=tcg,thread=multi

	if [ -n "${PCRING_VM_ACCEL:-}" ]; then
		printf '%s\n' "$PCRING_VM_ACCEL"
		return
	fi
	known=$vm_cache/accel/$(cat /proc/sys/kernel/random/boot_id)-$release
	if [ ! -r "$known" ]; then
		mkdir -p "$vm_cache/accel"
		vm_say "does KVM run $release here? a boot tells"
		if vm_kvm_works; then
			echo kvm >"$known"
		else
			echo "$emulate" >"$known"
		fi
		vm_say "  it is $(cat "$known")"
	fi
	cat "$known"
}
