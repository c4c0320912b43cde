#include "study/page_template.hpp"

#include <algorithm>

#include "emotrain/core/error.hpp"
#include "study/embedded.hpp"

namespace emotrain::study {

std::string page_parts(std::string_view begin, std::string_view end) {
  std::string text;
  for (const Embedded& part : embedded_page()) {
    if (part.name.starts_with(begin) && part.name.ends_with(end)) text += std::string(part.text) + "\n";
  }
  return text;
}

std::string fill_page(std::string_view name, std::span<const PageContent> contents) {
  const std::string page = page_parts(name, ".html");
  std::string out;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t open = std::min(page.find("{{", at), page.size());
    out.append(page, at, open - at);
    if (open == page.size()) break;
    const auto content =
        std::ranges::find_if(contents, [&](const PageContent& entry) { return page.compare(open, entry.first.size(), entry.first) == 0; });
    if (content == contents.end())
      fail(ErrorKind::io, "the page {}.html names something that is not there: {}", name, page.substr(open, 20));
    out += content->second;
    at = open + content->first.size();
  }
  return out;
}

std::string script_safe(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace emotrain::study
