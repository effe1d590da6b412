// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/xid_catalog.hpp"

namespace warpstep::check {
namespace {

constexpr const char* reset = "reset the GPU; when it returns, run the field diagnostic";
constexpr const char* debug = "look for an illegal access with compute-sanitizer";
constexpr const char* nvlink5 =
    "look at nvidia-smi nvlink --status and the fabric manager's log, reset the GPU";
constexpr auto hardware = XidKind::hardware, watched = XidKind::watched,
               application = XidKind::application;

constexpr Xid catalog[] = {
    {8, application, "a channel timed out", debug},
    {11, application, "an invalid command stream", debug},
    {13, application, "an exception in a kernel, such as an address out of range", debug},
    {31, application, "a memory page fault", debug},
    {32, application, "an invalid command stream", debug},
    {43, application, "a channel was reset after a program's fault", debug},
    {45, application, "a program's channels were cleaned up", "look at the Xid before it"},
    {46, hardware, "the GPU stopped processing", reset},
    {48, hardware, "an uncorrectable ECC error",
     "reset the GPU; replace it when its SRAM threshold is exceeded or a row cannot be remapped"},
    {54, hardware, "auxiliary power is not connected", "check the power cables of the board"},
    {62, hardware, "the internal micro-controller halted", reset},
    {64, hardware, "a row or page could not be taken out of use", "reset the GPU, then replace it"},
    {69, application, "an exception of the graphics engine's class", debug},
    {74, hardware, "an NVLink error",
     "look at nvidia-smi nvlink --errorcounters, reset the GPU; reseat it when it returns"},
    {79, hardware, "the GPU has fallen off the bus",
     "power the node off and on; reseat or replace the GPU when it returns"},
    {92, watched, "a high rate of corrected ECC errors", "watch for Xid 48 and 64"},
    {94, watched, "a memory error that was contained: only the program that met it was ended",
     "restart the program; reset the GPU when it is idle"},
    {95, hardware, "a memory error that was not contained: every program on the GPU is suspect",
     "reset the GPU; replace it when it returns"},
    {109, hardware, "a context switch timed out", reset},
    {110, hardware, "a security fault", reset},
    {119, hardware, "the GPU's system processor (GSP) does not answer",
     "reset the GPU; when it returns, update the driver"},
    {120, hardware, "an error of the GPU's system processor (GSP)",
     "reset the GPU; when it returns, update the driver"},
    {136, hardware, "an NVLink could not be trained", reset},
    {137, application, "an illegal access over NVLink, reported by the other GPU", debug},
    {140, hardware, "an ECC error that was not recovered", reset},
    {143, hardware, "the GPU could not be initialised", reset},
    {144, hardware, "an NVLink error (SAW)", nvlink5},
    {145, hardware, "an NVLink error (RLW)", nvlink5},
    {146, hardware, "an NVLink error (TLW)", nvlink5},
    {147, hardware, "an NVLink error (TREX)", nvlink5},
    {148, hardware, "an NVLink error (NVLPW_CTRL)", nvlink5},
    {149, hardware, "an NVLink error (NETIR)", nvlink5},
    {150, hardware, "an NVLink error (MSE)", nvlink5},
    {155, watched, "an NVLink went down as software defined it", "check that its links are up"},
    {156, watched, "a part was taken out of use", "reset the GPU when it is idle"},
    {157, hardware, "a part could not be taken out of use", "replace the GPU"},
    {158, hardware, "a fatal timeout", reset},
};

}  // namespace

const Xid* find_xid(int code) {
    for (const Xid& xid : catalog) {
        if (xid.code == code) return &xid;
    }
    return nullptr;
}

}  // namespace warpstep::check
