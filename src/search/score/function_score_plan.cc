// Plans for function_score, which changes the scores of the inner query by functions of column values.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "format/text.h"
#include "search/score/nodes.h"

namespace trine::search {
namespace {

using Mode = FunctionScore::Mode;

double ApplyModifier(const std::string& modifier, double v) {
  if (modifier == "log") return std::log10(v);
  if (modifier == "log1p") return std::log10(v + 1);
  if (modifier == "log2p") return std::log10(v + 2);
  if (modifier == "ln") return std::log(v);
  if (modifier == "ln1p") return std::log1p(v);
  if (modifier == "ln2p") return std::log1p(v + 1);
  if (modifier == "square") return v * v;
  if (modifier == "sqrt") return std::sqrt(v);
  if (modifier == "reciprocal") return 1.0 / v;
  return v;
}

// One function, opened on one segment. Rows must be passed in ascending order.
class SegmentFunction {
 public:
  SegmentFunction(const FunctionScore::Function& function, const Plan* filter, const SegmentContext& segment)
      : function_(&function),
        filtered_(filter != nullptr),
        filter_(filtered_ ? filter->Open(segment) : nullptr) {
    if (function_->field_value_factor) column_ = segment.reader.numbers(function_->field_value_factor->field);
  }
  bool Applies(Row row) {
    if (!filtered_) return true;
    if (filter_ == nullptr) return false;
    return filter_->random_access() ? filter_->Matches(row) : filter_->Advance(row) == row;
  }
  double weight() const { return static_cast<double>(function_->weight.value_or(1)); }
  Result<double> Value(Row row) const {
    double value = 1;
    if (function_->field_value_factor) {
      TRINE_ASSIGN(value, FieldValue(*function_->field_value_factor, row));
    }
    return function_->weight ? value * weight() : value;
  }

 private:
  Result<double> FieldValue(const FunctionScore::Function::FieldValueFactor& factor, Row row) const {
    double value = 0;
    if (column_ != nullptr && column_->count(row) > 0) {
      value = column_->real(row, 0);
    } else if (factor.missing) {
      value = *factor.missing;
    } else {
      return Error(ErrorCode::kInvalidQuery, "a row has no value for a score function")
          .Expected("a value in the field, or the option \"missing\"")
          .Detail("missing_value", factor.field)
          .Where(factor.field);
    }
    // The factor is rounded to float32, because OpenSearch stores it as a float32.
    const double result =
        ApplyModifier(factor.modifier, value * static_cast<double>(static_cast<float>(factor.factor)));
    if (result < 0 || std::isnan(result)) {
      return Error(ErrorCode::kInvalidQuery, "a score function returned a negative number or NaN")
          .Got(format::JavaDouble(result))
          .Detail("field_value", format::JavaDouble(value))
          .Where(factor.field);
    }
    return result;
  }

  const FunctionScore::Function* function_;
  bool filtered_;
  CursorPtr filter_;
  const index::NumberColumn* column_ = nullptr;
};

// Combines the functions that apply to a row into one factor. Returns 1 if none applies.
Result<double> CombinedFactor(std::vector<SegmentFunction>& functions, Mode mode, Row row) {
  double product = 1, total = 0, weights = 0;
  double most = -std::numeric_limits<double>::infinity(), least = std::numeric_limits<double>::infinity();
  bool any = false;
  for (SegmentFunction& function : functions) {
    if (!function.Applies(row)) continue;
    TRINE_ASSIGN(const double value, function.Value(row));
    if (mode == Mode::kFirst) return value;
    any = true;
    product *= value;
    total += value;
    weights += function.weight();
    most = std::max(most, value);
    least = std::min(least, value);
  }
  if (!any) return 1.0;
  switch (mode) {
    case Mode::kMax:
      return most;
    case Mode::kMin:
      return least;
    case Mode::kSum:
      return weights != 0 ? total : 1.0;
    case Mode::kAvg:
      return weights != 0 ? total / weights : 1.0;
    default:
      return product;
  }
}

float Combine(Mode mode, float query_score, double factor, std::optional<float> max_boost) {
  const double score = static_cast<double>(query_score);
  const double bounded =
      std::min(factor, static_cast<double>(max_boost.value_or(std::numeric_limits<float>::max())));
  switch (mode) {
    case Mode::kReplace:
      return static_cast<float>(bounded);
    case Mode::kSum:
      return static_cast<float>(score + bounded);
    case Mode::kAvg:
      return static_cast<float>((bounded + score) / 2.0);
    case Mode::kMin:
      return static_cast<float>(std::min(score, bounded));
    case Mode::kMax:
      return static_cast<float>(std::max(score, bounded));
    default:
      return static_cast<float>(score * bounded);
  }
}

std::vector<SegmentFunction> OpenFunctions(const FunctionScore& spec, const std::vector<PlanPtr>& filters,
                                           const SegmentContext& segment) {
  TRINE_CHECK_EQ(filters.size(), spec.functions.size());
  std::vector<SegmentFunction> functions;
  functions.reserve(spec.functions.size());
  for (size_t i = 0; i < spec.functions.size(); ++i) {
    functions.emplace_back(spec.functions[i], filters[i].get(), segment);
  }
  return functions;
}

class FunctionScoreCursor final : public Cursor {
 public:
  FunctionScoreCursor(CursorPtr inner, const FunctionScore& spec, std::vector<SegmentFunction> functions,
                      QueryContext& context)
      : inner_(std::move(inner)), spec_(spec), functions_(std::move(functions)), context_(context) {
    SkipLowScores(inner_->row());
  }
  Row Next() override { return SkipLowScores(inner_->Next()); }
  Row Advance(Row target) override { return target <= row_ ? row_ : SkipLowScores(inner_->Advance(target)); }
  float Score() override {
    if (scored_ != row_) {
      score_ = Compute();
      scored_ = row_;
    }
    return score_;
  }
  uint64_t cost() const override { return inner_->cost(); }

 private:
  // Moves from `row` to the first row whose score is at least min_score.
  Row SkipLowScores(Row row) {
    while (true) {
      row_ = row;
      if (row == kNoMoreRows || !spec_.min_score || Score() >= *spec_.min_score) return row_;
      if (context_.error) return row_ = kNoMoreRows;
      row = inner_->Next();
    }
  }
  float Compute() {
    TRINE_DCHECK_NE(row_, kNoMoreRows);
    const float score = inner_->Score();
    if (functions_.empty()) return score;
    const Result<double> factor = CombinedFactor(functions_, spec_.score_mode, row_);
    if (!factor.ok()) return Fail(factor.error());
    const float combined = Combine(spec_.boost_mode, score, *factor, spec_.max_boost);
    if (combined < 0 || std::isnan(combined)) {
      return Fail(Error(ErrorCode::kInvalidQuery, "function_score computed a score that is negative or NaN")
                      .Got(format::JavaFloat(combined))
                      .Detail("score", format::JavaFloat(combined)));
    }
    return combined;
  }
  float Fail(Error error) {
    if (!context_.error) context_.error = std::move(error);
    return 0;
  }

  const CursorPtr inner_;
  const FunctionScore& spec_;
  std::vector<SegmentFunction> functions_;
  QueryContext& context_;
  Row scored_ = kNoMoreRows;  // the row to which score_ belongs
  float score_ = 0;
};

const char* CombinationText(Mode mode) {
  switch (mode) {
    case Mode::kSum:
      return "sum of";
    case Mode::kAvg:
      return "avg of";
    case Mode::kMin:
      return "min of";
    case Mode::kMax:
      return "max of:";
    case Mode::kReplace:
      return "min of:";
    default:
      return "function score, product of:";
  }
}

std::string DescribeFunction(const FunctionScore::Function& function) {
  if (const auto& f = function.field_value_factor) {
    return "field value function: " + f->modifier + "(doc['" + f->field + "'].value" +
           (f->missing ? "?:" + format::JavaDouble(*f->missing) : "") +
           " * factor=" + format::JavaFloat(static_cast<float>(f->factor)) + ")";
  }
  return "constant score 1.0 - no function provided";
}

}  // namespace

CursorPtr FunctionScorePlan::Open(const SegmentContext& segment) const {
  CursorPtr inner = inner_->Open(segment);
  if (inner == nullptr) return nullptr;
  if (!scoring_ && !spec_.min_score) return inner;
  return std::make_unique<FunctionScoreCursor>(std::move(inner), spec_,
                                               OpenFunctions(spec_, filters_, segment), segment.query);
}

Explanation FunctionScorePlan::Explain(const SegmentContext& segment, Row row) const {
  Explanation inner = inner_->Explain(segment, row);
  if (!inner.match) return inner;
  std::vector<SegmentFunction> functions = OpenFunctions(spec_, filters_, segment);
  std::vector<Explanation> parts;
  for (size_t i = 0; i < functions.size(); ++i) {
    if (!functions[i].Applies(row)) continue;
    const Result<double> value = functions[i].Value(row);
    if (!value.ok()) return NotMatched(value.error().message);
    Explanation part = Matched(static_cast<float>(*value), DescribeFunction(spec_.functions[i]));
    if (spec_.functions[i].weight) {
      part = Matched(static_cast<float>(*value), "product of:",
                     {Matched(static_cast<float>(*value / functions[i].weight()), part.description),
                      Matched(*spec_.functions[i].weight, "weight")});
    }
    parts.push_back(std::move(part));
  }
  // The functions are opened again, because the filters that do not match `row` have moved past it.
  functions = OpenFunctions(spec_, filters_, segment);
  const Result<double> factor = CombinedFactor(functions, spec_.score_mode, row);
  if (!factor.ok()) return NotMatched(factor.error().message);
  if (spec_.functions.empty()) return inner;
  Explanation all =
      parts.empty() ? Matched(1, "No function matched")
                    : Matched(static_cast<float>(*factor),
                              std::string("function score, score mode ") + "[" + Name(spec_.score_mode) + "]",
                              std::move(parts));
  const float bound = spec_.max_boost.value_or(std::numeric_limits<float>::max());
  const float value = Combine(spec_.boost_mode, inner.value, *factor, spec_.max_boost);
  const float smaller = std::min(all.value, bound);
  Explanation bounded = Matched(smaller, "min of:", {std::move(all), Matched(bound, "maxBoost")});
  if (spec_.min_score && value < *spec_.min_score) {
    return NotMatched("Score value is too low, expected at least " + format::JavaFloat(*spec_.min_score) +
                      " but got " + format::JavaFloat(value));
  }
  if (spec_.boost_mode == Mode::kReplace) return bounded;
  return Matched(value, CombinationText(spec_.boost_mode), {std::move(inner), std::move(bounded)});
}

}  // namespace trine::search
