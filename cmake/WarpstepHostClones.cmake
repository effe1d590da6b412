# SPDX-License-Identifier: Apache-2.0
# runtime/base/host_clones.hpp: several versions of one hot loop where compiler and machine can, WARPSTEP_HOST_CLONES.
# (Not arch=haswell: compilers take that for one model of one maker.) Included by several rooms: no include_guard, the
# variable is each room's own.
include(CheckCXXSourceCompiles)
set(clones "__attribute__((target_clones(\"default\", \"arch=x86-64-v3\")))")
# Clang 14 has them of plain functions, not of templates.
check_cxx_source_compiles("template <typename T> ${clones} T f(T x) { return x; } int main() { return int(f(0.0)); }"
                          WARPSTEP_HAVE_CLONED_TEMPLATES)
if(WARPSTEP_HAVE_CLONED_TEMPLATES AND NOT WARPSTEP_SANITIZE)
    set(WARPSTEP_HOST_CLONES ${clones})
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/host_clones.hpp.in ${CMAKE_BINARY_DIR}/generated/runtime/base/host_clones.hpp @ONLY)
