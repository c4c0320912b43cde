#pragma once
#include <optional>
#include <string_view>

namespace emotrain::study {

/// The members of a JSON object on one line, in their order, without making anything of nested values: several times as fast as a parser
/// that builds a document. Keys have no escapes. Numbers and words are taken as they stand, strings with their quotes, arrays and objects
/// with their brackets: whoever uses them checks them.
class RecordLine {
 public:
  struct Member {
    std::string_view key;
    std::string_view value;
  };

  explicit RecordLine(std::string_view line) : rest_(line) { good_ = take('{'); }

  /// The next one; none at the end of the object, and where the line is no such object: good() tells.
  std::optional<Member> next();
  /// After the last member: whether the line was an object and nothing else.
  bool good() const { return good_; }

 private:
  void skip_space();
  bool take(char c);
  std::string_view take_string();
  std::string_view take_value();
  std::string_view take_nested();
  std::optional<Member> stop(bool good);

  std::string_view rest_;
  bool good_ = false;
  bool first_ = true;
};

}  // namespace emotrain::study
