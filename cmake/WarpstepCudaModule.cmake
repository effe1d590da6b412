# SPDX-License-Identifier: Apache-2.0
# What warpstep_cuda.so is made of. The tests build it a second time, for the CPU.
set(warpstep_cuda_sources
    kernels/device_catalog.cpp
    kernels/device_linear.cpp
    kernels/device_matrices.cpp
    kernels/device_memory.cpp
    kernels/device_summaries.cpp
    kernels/device_vectors.cpp
    kernels/plan.cpp
    runtime/comm/nccl/bounded_abort.cpp
    runtime/comm/nccl/check.cpp
    runtime/comm/nccl/cuda_module.cpp
    runtime/comm/nccl/nccl_buffer.cpp
    runtime/comm/nccl/nccl_comm.cpp
    runtime/comm/nccl/nccl_communicator.cpp
    runtime/comm/nccl/nccl_library.cpp
    runtime/device/cuda/check.cpp
    runtime/device/cuda/condition.cpp
    runtime/device/cuda/cuda_buffer.cpp
    runtime/device/cuda/cuda_device.cpp
    runtime/device/cuda/cuda_event.cpp
    runtime/device/cuda/cuda_graph.cpp
    runtime/device/cuda/cuda_stream.cpp
    runtime/device/cuda/current_device.cpp
    runtime/device/cuda/inventory.cpp
    runtime/device/cuda/shared_buffer.cpp)
set(warpstep_cuda_kernels
    kernels/axpy.cu
    kernels/checksum.cu
    kernels/fill.cu
    kernels/histogram.cu
    kernels/linear.cu
    kernels/memtest.cu
    kernels/reduce.cu
    kernels/scan.cu
    kernels/spin.cu
    kernels/stream.cu
    kernels/transpose.cu)
list(TRANSFORM warpstep_cuda_sources PREPEND ${PROJECT_SOURCE_DIR}/)
list(TRANSFORM warpstep_cuda_kernels PREPEND ${PROJECT_SOURCE_DIR}/)
