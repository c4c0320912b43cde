#pragma once
#include <string>
#include <string_view>

namespace emotrain::study {

/// HTML of a small part of Markdown: paragraphs, `- ` and `1. ` lists (an element's further lines are indented), headings (`## ` as h3),
/// `code`, *emphasis*, **strong**, and [links](https://...). Everything else is text.
std::string html_of_markdown(std::string_view markdown);

}  // namespace emotrain::study
