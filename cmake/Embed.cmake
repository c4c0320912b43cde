# Files that are part of the program: the problems of the zoo, the lessons, and what the pages of reports are made of.

function(emotrain_embed symbol)
  set(output ${PROJECT_BINARY_DIR}/generated/${symbol}.cpp)
  set(paths ${ARGN})
  list(TRANSFORM paths REPLACE "^[^=]*=" "")
  add_custom_command(OUTPUT ${output} VERBATIM COMMENT "" DEPENDS ${paths} ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DSYMBOL=${symbol} "-DFILES=${ARGN}" -P ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake)
  target_sources(emotrain_study PRIVATE ${output})
  set_source_files_properties(${output} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
endfunction()

file(GLOB problems CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/problems/*.json)
list(TRANSFORM problems REPLACE "^.*/([^/]*)\\.json$" "\\1=\\0")
emotrain_embed(embedded_problems ${problems})

file(GLOB lessons CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/lessons/*/lesson.json ${PROJECT_SOURCE_DIR}/configs/lessons/*/lesson.md)
list(TRANSFORM lessons REPLACE "^.*/([^/]*)/lesson(\\.[a-z]*)$" "\\1\\2=\\0")
emotrain_embed(embedded_lessons ${lessons})

find_path(DYGRAPHS_DIR dygraph.min.js PATHS /usr/share/javascript/dygraphs NO_DEFAULT_PATH)
emotrain_require(DYGRAPHS_DIR dygraphs libjs-dygraphs)
file(GLOB page CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/study/web/*)
list(APPEND page ${DYGRAPHS_DIR}/dygraph.min.js ${DYGRAPHS_DIR}/dygraph.min.css)
list(TRANSFORM page REPLACE "^.*/([^/]*)$" "\\1=\\0")
emotrain_embed(embedded_page ${page})
