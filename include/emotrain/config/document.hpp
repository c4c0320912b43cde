#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "emotrain/core/error.hpp"
#include "emotrain/core/real.hpp"

/// JSON as it was written: members in their order, and the place of every key and value. Stricter than most readers (RFC 8259 without its
/// liberties): no duplicate keys, no number beyond double's range, no NUL byte, no comment, nothing after the document; UTF-8, with or
/// without a byte order mark.
namespace emotrain::config {

/// Brackets within brackets that are accepted.
inline constexpr int max_nesting = 64;

/// What a document is, for messages and limits.
struct DocumentKind {
  const char* name;
  std::size_t max_bytes;
  /// What its faults are.
  ErrorKind fault;
};

inline constexpr DocumentKind configuration_document{"configuration", std::size_t{1} << 20, ErrorKind::usage};

/// Where something was written. Lines and columns count from 1; a column is a Unicode character.
struct Place {
  /// A file's name, or "argument 2".
  std::shared_ptr<const std::string> source;
  /// 0: the source has no lines.
  int line = 0;
  int column = 0;
  /// `run.json:3:14` or `argument 2`.
  std::string str() const;
};

struct Member;

struct Number {
  double value = 0;
  /// Present if the number is a whole one that fits: 3, 3.0 and 3e0 are.
  std::optional<Index> integer;
};

struct Value {
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  Place place;
  std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> data;

  /// Null if this is no object or has no such member.
  const Member* find(std::string_view key) const;
  Member* find(std::string_view key);
  /// The value of a member or, by its number from 0, an element; null if there is none.
  const Value* step(const std::string& key_or_number) const;
};

struct Member {
  std::string key;
  Place place;
  Value value;
};

/// Something wrong with a configuration.
struct Problem {
  Place place;
  /// JSON pointer (RFC 6901) of the value or key: `/optimizer/betas/1`. Empty: the document.
  std::string pointer;
  /// What is wrong, and the remedy.
  std::string text;
  /// `place: pointer: text`.
  std::string str() const;
};

/// All that is wrong with a document at once; what() is the first of it.
class ConfigError : public Error {
 public:
  /// Precondition: there is a problem.
  ConfigError(ErrorKind kind, std::vector<Problem> problems) : Error(kind, problems.front().str()), problems_(std::move(problems)) {}
  const std::vector<Problem>& problems() const noexcept { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// Throws ConfigError{usage} if there are any: in the order of the file, and what comes from elsewhere behind.
void require_none(std::vector<Problem> problems);

/// Throws ConfigError{kind.fault}: keys that are given twice, and the first fault behind which there is no reading on. The text of a file
/// has lines and columns, that of an argument has not, but may stand for a value within a document.
Value parse_document(std::string_view text, const std::string& file, const DocumentKind& kind = configuration_document);
Value parse_argument(std::string_view text, const std::string& source, const std::string& pointer = {});

/// The same, but keys that are given twice are added to `problems`; both of them are in the document.
Value parse_document(std::string_view text, const std::string& file, std::vector<Problem>& problems,
                     const DocumentKind& kind = configuration_document);

/// The text of a file; nothing endless is read to its end. Throws Error{missing} if there is none that can be read.
std::string read_text(const std::string& file, const DocumentKind& kind = configuration_document);
Value read_document(const std::string& file, const DocumentKind& kind = configuration_document);

bool is_utf8(std::string_view text);
/// A JSON string literal. Precondition: is_utf8(text).
std::string string_literal(std::string_view text);
/// A value as JSON on one line; doubles with the fewest digits that give the same double.
std::string json_text(const Value& value);
/// The same for a message: long texts are shortened, bytes that are not UTF-8 are replaced.
std::string quoted(std::string_view text);
/// The pointer of a member of what `pointer` points to.
std::string member_pointer(std::string_view pointer, std::string_view key);

}  // namespace emotrain::config
