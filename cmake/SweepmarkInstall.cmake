# SPDX-License-Identifier: Apache-2.0
# What an outside project gets with find_package(sweepmark): the compute libraries sweepmark::kernels, ::geometry, ::tracking.
include(CMakePackageConfigHelpers)
install(TARGETS sweepmark_kernels sweepmark_geometry sweepmark_tracking
  EXPORT sweepmark-targets
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sweepmark)
if(TARGET sweepmark)
  install(TARGETS sweepmark RUNTIME)
endif()
install(EXPORT sweepmark-targets NAMESPACE sweepmark:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sweepmark)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/sweepmark-config.cmake.in sweepmark-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sweepmark)
write_basic_package_version_file(sweepmark-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sweepmark-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/sweepmark-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/sweepmark)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
