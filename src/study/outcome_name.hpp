#pragma once
#include "emotrain/study/comparison.hpp"

namespace emotrain::study {

inline const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::identical:
      return "identical";
    case Outcome::too_few_seeds:
      return "too_few_seeds";
    case Outcome::undetected:
      return "undetected";
    case Outcome::first_better:
      return "first_better";
    case Outcome::second_better:
      return "second_better";
    case Outcome::not_declared:
      return "not_declared";
  }
  return "";
}

}  // namespace emotrain::study
