# Run by cmake -P: writes the texts of FILES (name=path;...) into the C++ source OUTPUT, which defines SYMBOL() (src/study/embedded.hpp).
set(rows "")
foreach(file IN LISTS FILES)
  string(FIND "${file}" "=" equals)
  string(SUBSTRING "${file}" 0 ${equals} name)
  math(EXPR start "${equals} + 1")
  string(SUBSTRING "${file}" ${start} -1 path)
  file(READ "${path}" text)
  # A browser's developer tools would look for the map.
  string(REGEX REPLACE "/[/*]# sourceMappingURL=[^\n]*" "" text "${text}")
  string(APPEND rows "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"study/embedded.hpp\"\n
namespace emotrain::study {
namespace {

constexpr Embedded all[] = {
${rows}};

}  // namespace

std::span<const Embedded> ${SYMBOL}() { return all; }

}  // namespace emotrain::study
")
