# SPDX-License-Identifier: Apache-2.0
# Every third party, in one place. docs/dependencies.md says why each was chosen. All that is missing is said in one line.

set(warpstep_missing "")
# By pkg-config, as the target PkgConfig::PREFIX.
macro(warpstep_need_module prefix name debian)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${name})
    if(NOT ${prefix}_FOUND)
        list(APPEND warpstep_missing "${name} (pkg-config ${name}, Debian: ${debian})")
    endif()
endmacro()
# By a package of CMake's.
macro(warpstep_need_package name debian)
    find_package(${name} QUIET ${ARGN})
    if(NOT ${name}_FOUND)
        list(APPEND warpstep_missing "${name} (CMake package ${name}, Debian: ${debian})")
    endif()
endmacro()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    warpstep_need_module(PMIX pmix libpmix-dev)
    warpstep_need_module(HWLOC hwloc libhwloc-dev)
else()
    list(APPEND warpstep_missing "pkg-config (Debian: pkg-config)")
endif()
warpstep_need_package(yaml-cpp libyaml-cpp-dev)
warpstep_need_package(fmt libfmt-dev)
warpstep_need_package(spdlog libspdlog-dev)
warpstep_need_package(CLI11 libcli11-dev)
warpstep_need_package(nlohmann_json nlohmann-json3-dev)
warpstep_need_package(TBB libtbb-dev)
warpstep_need_package(Gloo libgloo-dev CONFIG)
find_package(Threads REQUIRED)

# Opened at first use, so the file is all there is to find. Debian has its serial build in a folder of its own.
find_library(WARPSTEP_BLAS_FILE NAMES libopenblas.so.0 libopenblas.so PATH_SUFFIXES openblas-serial
             DOC "OpenBLAS for matrices on the host; found at run time where this is not")
if(NOT WARPSTEP_BLAS_FILE)
    set(WARPSTEP_BLAS_FILE "" CACHE FILEPATH "" FORCE)
endif()

if(WARPSTEP_TESTS)
    warpstep_need_package(doctest doctest-dev)
endif()
if(warpstep_missing)
    list(JOIN warpstep_missing ", " warpstep_missing)
    message(NOTICE "warpstep: missing ${warpstep_missing}; install it, or load your site's module of it")
    message(FATAL_ERROR "what is missing stands above")
endif()
if(WARPSTEP_CUDA)
    find_package(CUDAToolkit REQUIRED)
endif()
