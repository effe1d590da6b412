// SPDX-License-Identifier: Apache-2.0
// The Xid codes of NVIDIA's driver that a check acts on.
// Source: NVIDIA, "Analyzing Xid Errors with the Xid Catalog" and "GPU Debug Guidelines".
#pragma once

namespace warpstep::check {

enum class XidKind {
    hardware,     ///< the GPU, its links or its firmware failed: it must not be used as it is
    watched,      ///< hardware that repaired itself or was contained: the GPU still works
    application,  ///< a program did it, or its cleanup
};

struct Xid {
    int code;
    XidKind kind;
    const char* meaning;
    const char* action;
};

/// nullptr for a code that is in none of the classes (information of the driver, video engines).
const Xid* find_xid(int code);

}  // namespace warpstep::check
