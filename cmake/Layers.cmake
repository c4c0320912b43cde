# One static library per layer: emotrain_<name> from src/<name>/**.cpp, its contracts in include/emotrain/<name>/. Layers marked REAL
# depend on the scalar type and are built a second time as emotrain_<name>_f64 with Real = double, for the tests. HEADERS: libraries of
# headers alone, which whoever links the layer does not need.

include(CheckCXXCompilerFlag)

add_library(emotrain_flags INTERFACE)
target_compile_features(emotrain_flags INTERFACE cxx_std_20)
target_compile_options(emotrain_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror -fno-math-errno -fno-trapping-math
  # Vector types stay inside the library: how they would be passed across its border does not matter.
  -Wno-psabi
  # No silent contraction: what an optimizer's source rounds, we round. The kernels that want FMA say so themselves.
  -ffp-contract=off)
if(EMOTRAIN_NATIVE)
  target_compile_options(emotrain_flags INTERFACE -march=native)
endif()
# g++ 12.1 and 12.2 store some 32-byte constants wrongly where AVX-512 is on: `std::vector<long>{1, 1, 0, 0}` becomes 1 1 1 1 (fixed in 12.3).
# Moving constants in pieces of 16 bytes avoids it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12.3)
  check_cxx_compiler_flag("-mmove-max=128 -mstore-max=128" EMOTRAIN_MOVES_IN_PIECES)
  if(EMOTRAIN_MOVES_IN_PIECES)
    target_compile_options(emotrain_flags INTERFACE -mmove-max=128 -mstore-max=128)
  endif()
endif()
if(EMOTRAIN_SANITIZE)
  add_compile_options(-fsanitize=${EMOTRAIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EMOTRAIN_SANITIZE})
endif()

function(emotrain_add_layer target suffix sources)
  cmake_parse_arguments(PARSE_ARGV 3 ARG "" "" "LAYERS;PUBLIC;PRIVATE;HEADERS")
  add_library(${target} STATIC ${sources})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ARG_LAYERS PREPEND emotrain_)
  list(TRANSFORM ARG_LAYERS APPEND "${suffix}")
  target_compile_features(${target} PUBLIC cxx_std_20)
  list(TRANSFORM ARG_HEADERS PREPEND "$<BUILD_INTERFACE:")
  list(TRANSFORM ARG_HEADERS APPEND ">")
  target_link_libraries(${target} PUBLIC ${ARG_LAYERS} ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} ${ARG_HEADERS} $<BUILD_INTERFACE:emotrain_flags>)
endfunction()

# Where no step's time is spent, optimizing costs only the time to compile it; the same holds for what only the tests link.
set(EMOTRAIN_COLD $<$<CONFIG:Release>:-O1>)

# COLD: no time of a step is spent in this layer, but in the files that HOT names.
function(emotrain_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "REAL;COLD" "" "LAYERS;PUBLIC;PRIVATE;HEADERS;HOT")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  set(links LAYERS ${ARG_LAYERS} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} HEADERS ${ARG_HEADERS})
  emotrain_add_layer(emotrain_${name} "" "${sources}" ${links})
  set_target_properties(emotrain_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY EMOTRAIN_LAYERS emotrain_${name})
  if(ARG_COLD)
    target_compile_options(emotrain_${name} PRIVATE ${EMOTRAIN_COLD})
    foreach(file IN LISTS ARG_HOT)
      set_source_files_properties(${PROJECT_SOURCE_DIR}/src/${name}/${file} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O3>)
    endforeach()
  endif()
  if(ARG_REAL AND EMOTRAIN_TESTS AND EMOTRAIN_F64)
    emotrain_add_layer(emotrain_${name}_f64 _f64 "${sources}" ${links})
    target_compile_definitions(emotrain_${name}_f64 PUBLIC EMOTRAIN_REAL_DOUBLE)
    target_compile_options(emotrain_${name}_f64 PRIVATE ${EMOTRAIN_COLD})
    set_target_properties(emotrain_${name}_f64 PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()
