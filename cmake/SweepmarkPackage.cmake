# SPDX-License-Identifier: Apache-2.0
# The Debian package of the program, made by scripts/package.sh: everything of the component `program`.
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_CONTACT "Sweepmark maintainers <maintainers@sweepmark.invalid>")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME sweepmark)
set(CPACK_DEBIAN_PROGRAM_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "${PROJECT_DESCRIPTION}
 Opens LiDAR and image datasets, shows them in a window, edits cuboids and
 tracks, and converts, checks and interpolates labels on the command line.")
# Dependencies are those of the libraries that the program and Arrow's library load, by dpkg-shlibdeps.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${SWEEPMARK_ARROW_ROOT})
# The window and pictures need a driver of Vulkan, of which Mesa's is one; letters are Inter's where it is there.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "mesa-vulkan-drivers, fonts-inter")
include(CPack)
