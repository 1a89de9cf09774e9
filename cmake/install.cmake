# What `cmake --install` puts where, and how other projects find it: find_package(blip) with the
# target blip::blip, or `pkg-config --static blip`.
include(CMakePackageConfigHelpers)

set(room_targets ${BLIP_ROOMS})
list(TRANSFORM room_targets PREPEND blip_)
install(TARGETS ${room_targets} EXPORT blip-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(room ${BLIP_ROOMS})
  install(DIRECTORY ${room} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/blip FILES_MATCHING PATTERN *.h)
endforeach()
if(TARGET blip_tool)
  install(TARGETS blip_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY weights/blip-clothing-tiny weights/parser DESTINATION ${CMAKE_INSTALL_DATADIR}/blip)
install(FILES LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/blip)
install(EXPORT blip-targets NAMESPACE blip:: DESTINATION ${config_dir})
configure_package_config_file(cmake/blip-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/blip-config.cmake
                              INSTALL_DESTINATION ${config_dir})
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/blip-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/blip-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/blip-config-version.cmake DESTINATION ${config_dir})

# A static library stands before what it needs, so the rooms are named from the top floor down.
set(BLIP_PC_LIBS ${BLIP_ROOMS})
list(REVERSE BLIP_PC_LIBS)
list(TRANSFORM BLIP_PC_LIBS PREPEND -lblip_)
list(JOIN BLIP_PC_LIBS " " BLIP_PC_LIBS)
set(BLIP_PC_REQUIRES_PRIVATE libutf8proc)
if(NOT BLIP_MINIMAL)
  string(APPEND BLIP_PC_REQUIRES_PRIVATE " libjpeg libwebp libwebpdemux")
endif()
# The prefix is found from where blip.pc lies, so that an installation may be moved.
file(RELATIVE_PATH BLIP_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" BLIP_PC_PREFIX "${BLIP_PC_PREFIX}")
configure_file(cmake/blip.pc.in blip.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/blip.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
