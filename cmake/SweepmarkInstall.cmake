# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where: the program with what is not Debian's beside it, and what an outside project gets with
# find_package(sweepmark): kernels, geometry, tracking, and with more dependencies data and quality.
include(CMakePackageConfigHelpers)
# Libraries that only our program and those who embed us load: no folder of the system's loader.
set(SWEEPMARK_PRIVATE_LIBDIR lib/sweepmark)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sweepmark)

install(TARGETS sweepmark RUNTIME COMPONENT program)
file(RELATIVE_PATH private_libraries /${CMAKE_INSTALL_BINDIR} /${SWEEPMARK_PRIVATE_LIBDIR})
set_target_properties(sweepmark PROPERTIES INSTALL_RPATH "\$ORIGIN/${private_libraries}")
install(IMPORTED_RUNTIME_ARTIFACTS sweepmark::arrow LIBRARY DESTINATION ${SWEEPMARK_PRIVATE_LIBDIR} COMPONENT program)
install(FILES ${SWEEPMARK_ARROW_LICENCES} DESTINATION ${CMAKE_INSTALL_DOCDIR}/arrow COMPONENT program)
install(FILES LICENSE docs/licences.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/cli/manual/sweepmark.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/cli/manual/sweepmark.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME sweepmark COMPONENT program)
if(SWEEPMARK_VIEWER)
  install(FILES packaging/sweepmark.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications COMPONENT program)
  install(FILES packaging/sweepmark-mime.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages RENAME sweepmark.xml COMPONENT program)
  install(FILES packaging/sweepmark.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps COMPONENT program)
endif()

install(TARGETS sweepmark_kernels sweepmark_geometry sweepmark_tracking sweepmark_data sweepmark_quality
  EXPORT sweepmark-targets
  ARCHIVE COMPONENT development
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sweepmark COMPONENT development)
install(EXPORT sweepmark-targets NAMESPACE sweepmark:: DESTINATION ${package_dir} COMPONENT development)
get_target_property(arrow_library sweepmark::arrow IMPORTED_LOCATION)
cmake_path(GET arrow_library FILENAME SWEEPMARK_ARROW_NAME)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/sweepmark-config.cmake.in sweepmark-config.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS SWEEPMARK_PRIVATE_LIBDIR)
write_basic_package_version_file(sweepmark-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sweepmark-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/sweepmark-config-version.cmake
  DESTINATION ${package_dir} COMPONENT development)
