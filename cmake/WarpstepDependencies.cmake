# SPDX-License-Identifier: Apache-2.0
# Every third party, in one place. docs/dependencies.md says why each was chosen.

find_package(PkgConfig REQUIRED)
pkg_check_modules(PMIX REQUIRED IMPORTED_TARGET pmix)
pkg_check_modules(HWLOC REQUIRED IMPORTED_TARGET hwloc)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(TBB REQUIRED)
find_package(Gloo REQUIRED CONFIG)
find_package(Threads REQUIRED)

# Opened at first use, so the file is all there is to find. Debian has its serial build in a folder of its own.
find_library(WARPSTEP_BLAS_FILE NAMES libopenblas.so.0 libopenblas.so PATH_SUFFIXES openblas-serial
             DOC "OpenBLAS for matrices on the host; found at run time where this is not")
if(NOT WARPSTEP_BLAS_FILE)
    set(WARPSTEP_BLAS_FILE "" CACHE FILEPATH "" FORCE)
endif()

if(WARPSTEP_TESTS)
    find_package(doctest REQUIRED)
endif()
if(WARPSTEP_CUDA)
    find_package(CUDAToolkit REQUIRED)
endif()
