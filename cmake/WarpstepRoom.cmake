# SPDX-License-Identifier: Apache-2.0
# How a room is built and seen.

# warpstep_view(NAME OUT): the include folder through which the current source folder is seen, build/rooms/NAME: it holds nothing
# but a link to that folder. Whoever does not get this folder cannot include from it.
function(warpstep_view name out)
    set(view ${CMAKE_BINARY_DIR}/rooms/${name})
    file(RELATIVE_PATH inside ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    get_filename_component(parent ${view}/${inside} DIRECTORY)
    file(MAKE_DIRECTORY ${parent})
    file(RELATIVE_PATH target ${parent} ${CMAKE_CURRENT_SOURCE_DIR})
    file(CREATE_LINK ${target} ${view}/${inside} SYMBOLIC)
    set(${out} ${view} PARENT_SCOPE)
endfunction()

# warpstep_batches(NAME COUNT OUT SOURCES…): files that include about as many bytes of SOURCES each, in the same order. Compiling
# them costs a third of compiling each source alone: what costs is not our code but the headers under it. They are included through
# the room's view, by the same name in every clone, so that a compiler cache serves all.
function(warpstep_batches name count out)
    file(RELATIVE_PATH inside ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    set(bytes 0)
    foreach(source IN LISTS ARGN)
        file(SIZE ${CMAKE_CURRENT_SOURCE_DIR}/${source} size)
        math(EXPR bytes "${bytes} + ${size}")
    endforeach()
    set(batches "")
    set(text "")
    set(done 0)
    foreach(source IN LISTS ARGN)
        string(APPEND text "#include \"${inside}/${source}\"\n")
        file(SIZE ${CMAKE_CURRENT_SOURCE_DIR}/${source} size)
        math(EXPR done "${done} + ${size}")
        list(LENGTH batches full)
        math(EXPR ahead "${done} * ${count} - (${full} + 1) * ${bytes}")
        if(ahead GREATER_EQUAL 0)
            set(batch ${CMAKE_BINARY_DIR}/rooms/batches/${name}_${full}.cpp)
            file(CONFIGURE OUTPUT ${batch} CONTENT "${text}" @ONLY)
            list(APPEND batches ${batch})
            set(text "")
        endif()
    endforeach()
    set(${out} ${batches} PARENT_SCOPE)
endfunction()

# warpstep_add_room(NAME HEADERS … SOURCES … [ALONE source…] [BATCHES n] [DEPENDS room…] [PRIVATE third-party…] [PUBLIC third-party…])
#
# A room is one static library warpstep_NAME with the alias warpstep::NAME. DEPENDS are the rooms it may include: it gets their views
# and no other include folder of ours. SOURCES are compiled in n batches (1) where WARPSTEP_UNITY says so, so names in unnamed
# namespaces are unique within a room; ALONE are sources with settings of their own.
# Public headers are compiled alone (target all_verify_interface_header_sets).
function(warpstep_add_room name)
    cmake_parse_arguments(ROOM "" "BATCHES" "HEADERS;SOURCES;ALONE;DEPENDS;PRIVATE;PUBLIC" ${ARGN})
    warpstep_view(${name} view)
    set(sources ${ROOM_SOURCES})
    if(WARPSTEP_UNITY)
        if(NOT ROOM_BATCHES)
            set(ROOM_BATCHES 1)
        endif()
        warpstep_batches(${name} ${ROOM_BATCHES} sources ${ROOM_SOURCES})
    endif()
    add_library(warpstep_${name} STATIC ${sources} ${ROOM_ALONE})
    add_library(warpstep::${name} ALIAS warpstep_${name})
    file(RELATIVE_PATH inside ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    list(TRANSFORM ROOM_HEADERS PREPEND ${view}/${inside}/)
    target_sources(warpstep_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${view} FILES ${ROOM_HEADERS})
    target_link_libraries(warpstep_${name} PUBLIC ${ROOM_DEPENDS} ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
    set_target_properties(warpstep_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
    set_property(GLOBAL APPEND PROPERTY WARPSTEP_ROOMS warpstep_${name})
endfunction()

# warpstep_see(TARGET ROOM…): the views of rooms, and of those that they see, for a target that links none of them.
function(warpstep_see target)
    foreach(room IN LISTS ARGN)
        target_include_directories(${target} PRIVATE $<TARGET_PROPERTY:warpstep_${room},INTERFACE_INCLUDE_DIRECTORIES>)
        target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:warpstep_${room},INTERFACE_COMPILE_DEFINITIONS>)
    endforeach()
endfunction()

# warpstep_add_test(ROOM STEM [LABEL unit|multirank] [TIMEOUT s] [ALONE] [HEAVY] [PROGRAM name] [LINK target…])
#
# tests/ROOM/STEM_test.cpp becomes the CTest test ROOM.STEM: a process of its own that runs the cases of that file. The files of a room
# are one program, ROOM_test (or PROGRAM); with ALONE a file is the program ROOM_STEM_test. A file without a case fails. HEAVY: its own code
# computes so much that optimizing it pays.
function(warpstep_add_test room stem)
    cmake_parse_arguments(TEST "ALONE;HEAVY" "LABEL;TIMEOUT;PROGRAM" "LINK" ${ARGN})
    if(NOT TEST_LABEL)
        set(TEST_LABEL unit)
    endif()
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 300)
    endif()
    set(target ${room}_test)
    if(TEST_PROGRAM)
        set(target ${TEST_PROGRAM})
    elseif(TEST_ALONE)
        set(target ${room}_${stem}_test)
    endif()
    if(NOT TARGET ${target})
        add_executable(${target})
        target_precompile_headers(${target} REUSE_FROM warpstep_test_headers)
        target_link_libraries(${target} PRIVATE warpstep_test_main)
    endif()
    set(source ${PROJECT_SOURCE_DIR}/tests/${room}/${stem}_test.cpp)
    target_sources(${target} PRIVATE ${source})
    if(TEST_HEAVY)
        set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS -O2 SKIP_PRECOMPILE_HEADERS ON)
    endif()
    target_link_libraries(${target} PRIVATE ${TEST_LINK})
    add_test(NAME ${room}.${stem} COMMAND ${target} "--source-file=*/${stem}_test.cpp")
    set_tests_properties(${room}.${stem} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${TEST_TIMEOUT}
                                                    FAIL_REGULAR_EXPRESSION "test cases: +0 ")
endfunction()
