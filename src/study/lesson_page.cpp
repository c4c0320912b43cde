#include "emotrain/study/lesson_report.hpp"
namespace emotrain::study {
std::string lesson_page(const LessonResult& result) { return result.verdict.sentence; }
}  // namespace emotrain::study
