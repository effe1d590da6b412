// SPDX-License-Identifier: Apache-2.0
// Part of the emulated module in coverage builds only.
extern "C" void __gcov_dump();

/// Writes what was counted so far: a forked rank ends without running destructors, which would.
extern "C" __attribute__((visibility("default"))) void warpstep_flush_coverage() {
    __gcov_dump();
}
