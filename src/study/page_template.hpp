#pragma once
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace emotrain::study {

/// What stands in a page's template for something, `{{title}}`, and what is put there.
using PageContent = std::pair<std::string_view, std::string>;

/// All embedded files (src/study/web, dygraphs) whose names begin and end so, one behind the other.
std::string page_parts(std::string_view begin, std::string_view end);

/// The template of that name, filled in. What is put in may hold anything. Throws Error{io} if the template names what is not there.
std::string fill_page(std::string_view name, std::span<const PageContent> contents);

/// JSON within a script element, where `</script` or `<!--` would end or change it.
std::string script_safe(std::string_view json);

}  // namespace emotrain::study
