# SPDX-License-Identifier: Apache-2.0
# warpstep_add_room(NAME HEADERS … SOURCES … [DEPENDS room…] [PRIVATE third-party…] [PUBLIC third-party…])
#
# A room is one static library warpstep_NAME with the alias warpstep::NAME. DEPENDS are the rooms it may include;
# a room that is not linked cannot be seen, because every room's include root is its own link interface.
# Public headers are compiled alone (target all_verify_interface_header_sets).

function(warpstep_add_room name)
    cmake_parse_arguments(ROOM "" "" "HEADERS;SOURCES;DEPENDS;PRIVATE;PUBLIC" ${ARGN})
    add_library(warpstep_${name} STATIC ${ROOM_SOURCES})
    add_library(warpstep::${name} ALIAS warpstep_${name})
    target_sources(warpstep_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
                                           FILES ${ROOM_HEADERS})
    target_link_libraries(warpstep_${name} PUBLIC ${ROOM_DEPENDS} ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
    set_target_properties(warpstep_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
    set_property(GLOBAL APPEND PROPERTY WARPSTEP_ROOMS warpstep_${name})
endfunction()

# warpstep_add_test(ROOM FILE.cpp [LABEL unit|multirank] [LINK target…])
#
# tests/ROOM/FILE_test.cpp becomes the CTest test ROOM.FILE.
function(warpstep_add_test room stem)
    cmake_parse_arguments(TEST "" "LABEL;TIMEOUT" "LINK" ${ARGN})
    if(NOT TEST_LABEL)
        set(TEST_LABEL unit)
    endif()
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 120)
    endif()
    set(target ${room}_${stem}_test)
    add_executable(${target} ${PROJECT_SOURCE_DIR}/tests/${room}/${stem}_test.cpp)
    target_link_libraries(${target} PRIVATE warpstep_test_main ${TEST_LINK})
    add_test(NAME ${room}.${stem} COMMAND ${target})
    set_tests_properties(${room}.${stem} PROPERTIES LABELS ${TEST_LABEL} TIMEOUT ${TEST_TIMEOUT})
endfunction()
