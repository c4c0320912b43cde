# `cmake --install` brings the program, the bundled data and example configurations, and a package for other CMake projects:
#   find_package(emotrain REQUIRED)
#   target_link_libraries(mine PRIVATE emotrain::emotrain)

include(CMakePackageConfigHelpers)
get_property(layers GLOBAL PROPERTY EMOTRAIN_LAYERS)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/emotrain)

install(TARGETS emotrain)
install(TARGETS emotrain_all ${layers} EXPORT emotrain)
install(DIRECTORY include/emotrain DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY data configs DESTINATION ${CMAKE_INSTALL_DATADIR}/emotrain)
# Where "$schema" of the configurations points.
install(FILES docs/config.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/emotrain/docs)
install(FILES LICENSE NOTICE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(EXPORT emotrain NAMESPACE emotrain:: DESTINATION ${package_dir} FILE emotrainTargets.cmake)

# What links the data layer finds the bundled data at the prefix given here; the installed program looks beside itself first.
target_compile_definitions(emotrain_data PRIVATE EMOTRAIN_SHARE_DIR="${CMAKE_INSTALL_FULL_DATADIR}/emotrain")

configure_package_config_file(cmake/emotrainConfig.cmake.in ${PROJECT_BINARY_DIR}/emotrainConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/emotrainConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/emotrainConfig.cmake ${PROJECT_BINARY_DIR}/emotrainConfigVersion.cmake DESTINATION ${package_dir})
