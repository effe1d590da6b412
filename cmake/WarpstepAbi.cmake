# SPDX-License-Identifier: Apache-2.0
# WARPSTEP_ABI_HASH: names the headers whose types cross the boundary between warpstep and warpstep_cuda.so. Both sides are
# compiled with it, so that a module from another build is refused instead of crashing.

set(warpstep_abi_headers
    kernels/arguments.hpp
    kernels/catalog.hpp
    kernels/launch_limits.hpp
    kernels/user_image.hpp
    kernels/user_kernel.hpp
    runtime/base/deadline.hpp
    runtime/base/dtype.hpp
    runtime/base/error.hpp
    runtime/base/narrow_float.hpp
    runtime/comm/communicator.hpp
    runtime/comm/control_channel.hpp
    runtime/cuda/backend.hpp
    runtime/comm/exchange.hpp
    runtime/comm/nccl_start.hpp
    runtime/device/device.hpp
    runtime/device/host/cores.hpp
    runtime/step/step.hpp)

set(warpstep_abi_text "")
foreach(header IN LISTS warpstep_abi_headers)
    file(READ ${PROJECT_SOURCE_DIR}/${header} text)
    string(APPEND warpstep_abi_text "${text}")
endforeach()
list(TRANSFORM warpstep_abi_headers PREPEND ${PROJECT_SOURCE_DIR}/)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${warpstep_abi_headers})
string(SHA256 WARPSTEP_ABI_HASH "${warpstep_abi_text}")
string(SUBSTRING "${WARPSTEP_ABI_HASH}" 0 16 WARPSTEP_ABI_HASH)
