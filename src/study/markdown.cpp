#include "study/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "study/escape.hpp"

namespace emotrain::study {
namespace {

/// Between its mark at the front of `text` and the same mark behind; empty: there is no such pair.
std::string_view marked(std::string_view text, std::string_view mark) {
  if (!text.starts_with(mark)) return {};
  const std::size_t end = text.find(mark, mark.size());
  if (end == std::string_view::npos) return {};
  const std::string_view inner = text.substr(mark.size(), end - mark.size());
  const bool is_tight = !inner.empty() && inner.front() != ' ' && inner.back() != ' ';
  return is_tight ? inner : std::string_view();
}

struct Link {
  std::string_view text;
  std::string_view address;
};
Link link_at(std::string_view text) {
  const std::size_t middle = text.find("](");
  const std::size_t end = text.find(')', middle == std::string_view::npos ? text.size() : middle);
  if (!text.starts_with('[') || end == std::string_view::npos) return {};
  const Link link{text.substr(1, middle - 1), text.substr(middle + 2, end - middle - 2)};
  // Other kinds of addresses could run something.
  return link.address.starts_with("https://") || link.address.starts_with("http://") ? link : Link{};
}

std::string inline_html(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (const auto code = marked(text, "`"); !code.empty()) {
      out += "<code>" + escaped(std::string(code)) + "</code>";
      text.remove_prefix(code.size() + 2);
    } else if (const auto strong = marked(text, "**"); !strong.empty()) {
      out += "<strong>" + inline_html(strong) + "</strong>";
      text.remove_prefix(strong.size() + 4);
    } else if (const auto emphasis = marked(text, "*"); !emphasis.empty()) {
      out += "<em>" + inline_html(emphasis) + "</em>";
      text.remove_prefix(emphasis.size() + 2);
    } else if (const Link link = link_at(text); !link.text.empty()) {
      out += fmt::format("<a href=\"{}\">{}</a>", escaped(std::string(link.address)), inline_html(link.text));
      text.remove_prefix(link.text.size() + link.address.size() + 4);
    } else {
      out += escaped(std::string(text.substr(0, 1)));
      text.remove_prefix(1);
    }
  }
  return out;
}

/// How many characters of a line mark an element of a list: "- ", "12. "; 0: it is none.
std::size_t list_mark(std::string_view line) {
  if (line.starts_with("- ") || line.starts_with("* ")) return 2;
  const auto digits =
      static_cast<std::size_t>(std::ranges::find_if_not(line, [](unsigned char c) { return std::isdigit(c); }) - line.begin());
  return digits > 0 && line.substr(digits).starts_with(". ") ? digits + 2 : 0;
}

class Writer {
 public:
  std::string write(std::string_view markdown) {
    std::istringstream lines{std::string(markdown)};
    for (std::string line; std::getline(lines, line);) add(line);
    end_list();
    return out_;
  }

 private:
  void add(const std::string& line) {
    const std::size_t mark = list_mark(line);
    if (line.find_first_not_of(" \t\r") == std::string::npos) {
      end_text();
    } else if (mark > 0) {
      end_text();
      begin_list(line.front() == '-' || line.front() == '*' ? "ul" : "ol");
      text_ = line.substr(mark);
    } else if (line.starts_with('#')) {
      end_list();
      out_ += "<h3>" + inline_html(line.substr(std::min(line.find_first_not_of("# "), line.size()))) + "</h3>\n";
    } else {
      if (text_.empty() && !line.starts_with("  ")) end_list();
      text_ += (text_.empty() ? "" : " ") + line.substr(line.find_first_not_of(" \t"));
    }
  }

  /// Of a paragraph or an element.
  void end_text() {
    const char* tag = list_.empty() ? "p" : "li";
    if (!text_.empty()) out_ += fmt::format("<{0}>{1}</{0}>\n", tag, inline_html(text_));
    text_.clear();
  }
  void begin_list(const std::string& tag) {
    if (list_ == tag) return;
    end_list();
    list_ = tag;
    out_ += "<" + tag + ">\n";
  }
  void end_list() {
    end_text();
    if (!list_.empty()) out_ += "</" + list_ + ">\n";
    list_.clear();
  }

  std::string out_;
  std::string text_;
  /// "ul", "ol"; empty: in no list.
  std::string list_;
};

}  // namespace

std::string html_of_markdown(std::string_view markdown) { return Writer().write(markdown); }

}  // namespace emotrain::study
