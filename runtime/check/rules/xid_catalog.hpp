// SPDX-License-Identifier: Apache-2.0
// The Xid codes of NVIDIA's driver and what follows from them.
// Source: NVIDIA, "Analyzing Xid Errors with the Xid Catalog" (codes up to 172 of Ampere and newer
// GPUs) and "GPU Debug Guidelines".
#pragma once

namespace warpstep::check {

enum class XidKind {
    hardware,     ///< the GPU, its links or its firmware failed: it must not be used as it is
    watched,      ///< hardware that repaired itself or was contained: the GPU still works
    application,  ///< a program did it, or its cleanup
    nvlink,       ///< of the fifth generation: hardware where its line says Fatal, else watched
    recovery,     ///< what the driver now asks for, in its line
    information,  ///< nothing follows from it, or another rule judges what it tells of
};

struct Xid {
    int first, last;  ///< codes
    XidKind kind;
    const char* meaning;
    const char* action;
};

/// nullptr for a code that the catalogue lacks or lists as unused: nobody here knows what it says.
const Xid* find_xid(int code);

}  // namespace warpstep::check
