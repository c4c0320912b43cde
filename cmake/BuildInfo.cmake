# Tells src/train/build_info.cpp what the library is built from and with. The commit is asked for at every build, and the header is written
# only when it changed. Called as a script (cmake -P) with SOURCE and HEADER, this file writes the header.

if(CMAKE_SCRIPT_MODE_FILE)
  set(content "")
  if(EXISTS ${SOURCE}/.git)
    execute_process(COMMAND git describe --always --dirty --abbrev=12 --match= WORKING_DIRECTORY ${SOURCE}
      OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      set(content "#define EMOTRAIN_COMMIT \"${commit}\"\n")
    endif()
  endif()
  file(CONFIGURE OUTPUT ${HEADER} CONTENT "${content}" @ONLY)
  return()
endif()

set(commit_header ${PROJECT_BINARY_DIR}/generated/emotrain_commit.h)
add_custom_target(emotrain_commit BYPRODUCTS ${commit_header} COMMENT ""
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DHEADER=${commit_header} -P ${CMAKE_CURRENT_LIST_FILE})
add_dependencies(emotrain_train emotrain_commit)
target_include_directories(emotrain_train PRIVATE ${PROJECT_BINARY_DIR}/generated)

get_target_property(flags emotrain_flags INTERFACE_COMPILE_OPTIONS)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
list(PREPEND flags ${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}})
if(EMOTRAIN_SANITIZE)
  list(APPEND flags -fsanitize=${EMOTRAIN_SANITIZE})
endif()
list(JOIN flags " " flags)
string(STRIP "${flags}" flags)
# FindZLIB calls it ZLIB_VERSION_STRING before CMake 3.26.
if(NOT ZLIB_VERSION)
  set(ZLIB_VERSION ${ZLIB_VERSION_STRING})
endif()
set(libraries "fmt ${fmt_VERSION}, Eigen ${Eigen3_VERSION}, nlohmann-json ${nlohmann_json_VERSION}, CLI11 ${CLI11_VERSION}, zlib ${ZLIB_VERSION}, OpenSSL ${OPENSSL_VERSION}")
set_source_files_properties(src/train/build_info.cpp PROPERTIES COMPILE_DEFINITIONS
  "EMOTRAIN_VERSION=\"${PROJECT_VERSION}\";EMOTRAIN_COMPILER=\"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\";EMOTRAIN_BUILD_TYPE=\"${CMAKE_BUILD_TYPE}\";EMOTRAIN_FLAGS=\"${flags}\";EMOTRAIN_LIBRARIES=\"${libraries}\";EMOTRAIN_IS_NATIVE=$<BOOL:${EMOTRAIN_NATIVE}>")
