# SPDX-License-Identifier: Apache-2.0
# What a person may choose, and the compiler settings that hold for every target.

option(WARPSTEP_TESTS "build the tests" ON)
if(DEFINED ENV{CI})
    set(in_ci ON)
endif()
option(WARPSTEP_WERROR "warnings are errors (default in CI)" ${in_ci})
option(WARPSTEP_FUZZ "the fuzz target of the workload parser (Clang only; scripts/fuzz)" OFF)
option(WARPSTEP_UNITY "compile the sources of a room in batches: a third of the time, but an edit compiles a batch" ON)
option(WARPSTEP_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

include(CheckLanguage)
check_language(CUDA)
if(CMAKE_CUDA_COMPILER)
    option(WARPSTEP_CUDA "build the CUDA module" ON)
else()
    option(WARPSTEP_CUDA "build the CUDA module" OFF)
endif()

# The stand-ins for NVIDIA's libraries, and the CUDA module compiled for the CPU over them, need the toolkit's headers only.
find_path(CUDA_HEADERS cuda_runtime_api.h HINTS ENV CUDA_HOME ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES include)
find_path(NCCL_HEADERS nccl.h HINTS ${CUDA_HEADERS})
if(CUDA_HEADERS AND NCCL_HEADERS)
    option(WARPSTEP_STAND_INS "tests of the CUDA module without a GPU" ON)
endif()
option(WARPSTEP_COVERAGE "count executed lines of the CUDA module (gcov)" OFF)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Lines in backtraces; describing every variable of optimised code costs a quarter of the build.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    # One cache for all clones of the tree: paths below it count from the build folder.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                    ${CCACHE_PROGRAM})
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wall>
                    $<$<COMPILE_LANGUAGE:CXX>:-Wextra>
                    $<$<COMPILE_LANGUAGE:CXX>:-Wpedantic>)
if(WARPSTEP_WERROR)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
if(WARPSTEP_SANITIZE)
    # Without the checks at every access to a member: AddressSanitizer stops at a null pointer itself, and they cost half of the build.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined>
                        $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=null,alignment,vptr,object-size>
                        $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=undefined>
                        $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>)
    add_link_options(-fsanitize=address,undefined)
endif()

if(WARPSTEP_CUDA)
    enable_language(CUDA)
    message(STATUS "warpstep: CUDA ${CMAKE_CUDA_COMPILER_VERSION} found, building the CUDA module")
else()
    message(STATUS "warpstep: no CUDA compiler found, building without the CUDA module")
endif()
