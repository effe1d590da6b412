// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/rules/xid_catalog.hpp"

namespace warpstep::check {
namespace {

constexpr const char* reset = "reset the GPU; when it returns, run the field diagnostic";
constexpr const char* debug = "look for an illegal access with compute-sanitizer";
constexpr const char* restart = "restart the program";
constexpr const char* none = "nothing to do";
constexpr const char* replace_if =
    "reset the GPU; replace it when its SRAM threshold is exceeded or a row cannot be remapped";
constexpr const char* nvlink5 =
    "look at nvidia-smi nvlink --status, reset the GPU; when it returns, look at the link's other "
    "end and its cable";
constexpr const char* confidential =
    "it concerns confidential computing only; restart the virtual machine that owns the GPU";
constexpr const char* smoothing =
    "replace the GPU when the site cannot bear its power swings; else nothing to do";
constexpr auto hardware = XidKind::hardware, watched = XidKind::watched,
               application = XidKind::application, nvlink = XidKind::nvlink,
               information = XidKind::information;

constexpr Xid catalog[] = {
    {8, 8, application, "a channel timed out", debug},
    {11, 11, application, "an invalid command stream", debug},
    {13, 13, application, "an exception in a kernel, such as an address out of range", debug},
    {14, 14, information, "an error that was injected", none},
    {25, 25, application, "an invalid command stream", debug},
    {31, 31, application, "a memory page fault", debug},
    {32, 32, application, "an invalid command stream", debug},
    {37, 38, information, "an error of the scheduler's firmware", none},
    {39, 41, application, "an exception of a copy engine", restart},
    {43, 43, application, "a channel was reset after a program's fault", debug},
    {44, 44, information, "a fault during a context switch", none},
    {45, 45, application, "a program's channels were cleaned up", "look at the Xid before it"},
    {46, 46, hardware, "the GPU stopped processing", reset},
    {48, 48, hardware, "an uncorrectable ECC error", replace_if},
    {54, 54, hardware, "auxiliary power is not connected", "check the power cables of the board"},
    {60, 60, application, "an exception of the video processor", restart},
    {62, 62, hardware, "the internal micro-controller halted", reset},
    {63, 63, information, "a row or page was taken out of use", none},
    {64, 64, hardware, "a row or page could not be taken out of use",
     "reset the GPU, then replace it"},
    {66, 67, information, "an illegal access by the driver", none},
    {68, 68, application, "an exception of a video decoder", restart},
    {69, 69, application, "an exception of the graphics engine's class", debug},
    {70, 72, application, "an exception of a copy engine", restart},
    {74, 74, hardware, "an NVLink error",
     "look at nvidia-smi nvlink --errorcounters, reset the GPU; reseat it when it returns"},
    {75, 77, application, "an exception of a copy engine", restart},
    {78, 78, watched, "a virtual GPU could not be started",
     "bring the drivers of host and guest to versions that fit each other"},
    {79, 79, hardware, "the GPU has fallen off the bus",
     "power the node off and on; reseat or replace the GPU when it returns"},
    {80, 80, application, "corrupted commands were sent to the GPU", debug},
    {82, 82, application, "an exception of an image decoder", restart},
    {83, 84, application, "an exception of a video decoder", restart},
    {85, 85, application, "an exception of a copy engine", restart},
    {86, 86, application, "an exception of the optical flow engine", restart},
    {88, 89, application, "an exception of a video decoder", restart},
    {92, 92, watched, "a high rate of corrected ECC errors", "watch for Xid 48 and 64"},
    {93, 93, information, "the InfoROM is protected against wear", none},
    {94, 94, watched, "a memory error that was contained: only the program that met it was ended",
     "restart the program; reset the GPU when it is idle"},
    {95, 95, hardware, "a memory error that was not contained: every program on the GPU is suspect",
     "reset the GPU; replace it when it returns"},
    {96, 98, application, "an exception of a video decoder", restart},
    {99, 105, application, "an exception of an image decoder", restart},
    {106, 107, information, "a test message", none},
    {108, 108, information, "an address of another GPU could not be translated", none},
    {109, 109, hardware, "a context switch timed out", reset},
    {110, 110, hardware, "a security fault", reset},
    {119, 119, hardware, "the GPU's system processor (GSP) does not answer",
     "reset the GPU; when it returns, update the driver"},
    {120, 120, hardware, "an error of the GPU's system processor (GSP)",
     "reset the GPU; when it returns, update the driver"},
    {121, 121, watched, "corrected errors of the link to the CPU (C2C)",
     "reset the GPU when it is idle, which trains the link again"},
    {126, 135, application, "an exception of a copy engine", restart},
    {136, 136, hardware, "an NVLink could not be trained", reset},
    {137, 137, application, "an illegal access over NVLink, reported by the other GPU", debug},
    {139, 139, application, "an exception of the optical flow engine", restart},
    {140, 140, hardware, "an ECC error that was not recovered", reset},
    {141, 141, information, "an error on a fast path of CUDA", none},
    {142, 142, application, "an exception of a video encoder", restart},
    {143, 143, hardware, "the GPU could not be initialised", reset},
    {144, 144, nvlink, "an NVLink error (SAW)", nvlink5},
    {145, 145, nvlink, "an NVLink error (RLW)", nvlink5},
    {146, 146, nvlink, "an NVLink error (TLW)", nvlink5},
    {147, 147, nvlink, "an NVLink error (TREX)", nvlink5},
    {148, 148, nvlink, "an NVLink error (NVLPW_CTRL)", nvlink5},
    {149, 149, nvlink, "an NVLink error (NETIR)", nvlink5},
    {150, 150, nvlink, "an NVLink error (MSE)", nvlink5},
    {151, 151, hardware, "the keys of confidential computing could not be renewed",
     "restart the virtual machine that owns the GPU"},
    {152, 153, information, "an error of the deep learning accelerator", none},
    {154, 154, XidKind::recovery, "the driver's recovery action changed",
     "do what the line asks for"},
    {155, 155, watched, "an NVLink went down as software defined it",
     "check that its links are up"},
    {156, 156, watched, "a part was taken out of use", "reset the GPU when it is idle"},
    {157, 157, watched, "a part could not be taken out of use, since no spare is left",
     "the GPU can be used, but may fail so again: have it replaced when it does"},
    {158, 158, hardware, "a fatal timeout", reset},
    {159, 159, watched, "an error of the link to the CPU (CHI)",
     "look at the Xid 154 after it: programs that use managed memory need a reset of the GPU"},
    {160, 160, information, "a memory channel was taken out of use", none},
    {161, 161, watched, "a memory channel could not be taken out of use",
     "watch for Xid 48 and 64"},
    {162, 162, information, "power smoothing works again", none},
    {163, 163, watched, "power smoothing was switched off (heat or a timeout)",
     "cool the node; where power must be smoothed, reset the GPU when it is idle"},
    {164, 164, watched, "power smoothing is nearly worn out", smoothing},
    {165, 165, watched, "power smoothing is worn out", smoothing},
    {166, 166, watched, "traffic over NVLink before its encryption was set up", confidential},
    {167, 167, hardware, "a fatal timeout on PCIe",
     "reboot the node; reseat or replace the GPU when it returns"},
    {168, 168, hardware, "errors in the protected part of memory, whose capacity is reduced",
     "switch ECC on (nvidia-smi -e 1) and reboot the node"},
    {169, 169, hardware, "the security micro-controller halted", reset},
    {170, 170, watched, "an NVLink interrupt of confidential computing", confidential},
    {171, 171, hardware, "an uncorrectable ECC error of DRAM", replace_if},
    {172, 172, hardware, "an uncorrectable ECC error of SRAM", replace_if},
};

}  // namespace

const Xid* find_xid(int code) {
    for (const Xid& xid : catalog) {
        if (xid.first <= code && code <= xid.last) return &xid;
    }
    return nullptr;
}

}  // namespace warpstep::check
