#include "api/opensearch/json/fusion_json.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/request/body_reader.h"
#include "base/limits.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;
using search::Fusion;
using search::ScoreBound;

constexpr double kBoundLimit = 10000;

// A member that must be an object; nullptr if it is absent.
Result<const Json*> MapOf(const char* processor, const Json& config, const char* key) {
  const Json* value = config.Find(key);
  if (value == nullptr || value->is_null()) return static_cast<const Json*>(nullptr);
  if (!value->is_object())
    return ProcessorProperty(
        processor, key,
        "[" + std::string(key) + "] property isn't a map, but of type [" + JavaType(*value) + "]");
  return value;
}

Result<std::string> Technique(const Json* part, const char* otherwise) {
  const Json* technique = part != nullptr ? part->Find("technique") : nullptr;
  if (technique == nullptr) return std::string(otherwise);
  if (!technique->is_string()) return IllegalArgument("[technique] property isn't a string");
  return technique->string();
}

// Prints "[0.5, 0.6]", as Java prints a list of doubles.
std::string Printed(const std::vector<double>& numbers) {
  std::string text = "[";
  for (size_t i = 0; i < numbers.size(); ++i) text += (i == 0 ? "" : ", ") + format::JavaDouble(numbers[i]);
  return text + "]";
}

Result<std::vector<float>> Weights(const Json& given) {
  if (!given.is_array()) return IllegalArgument("parameter [weights] must be a collection of numbers");
  std::vector<double> numbers;
  for (const Json& one : given.array()) {
    if (!one.is_number()) return IllegalArgument("parameter [weights] must be a collection of numbers");
    numbers.push_back(one.number());
  }
  float sum = 0;
  std::vector<float> weights;
  for (const double number : numbers) {
    if (!(number >= 0 && number <= 1))
      return IllegalArgument("all weights must be in range [0.0 ... 1.0], submitted weights: " +
                             Printed(numbers));
    weights.push_back(static_cast<float>(number));
    sum += weights.back();
  }
  if (!(std::fabs(sum - 1.0F) <= 0.01F + 1e-6F))
    return IllegalArgument("sum of weights for combination must be equal to 1.0, submitted weights: " +
                           Printed(numbers));
  return weights;
}

// Reads a combination's parameters, which can only be weights.
Status CombinationParameters(const char* processor, const Json& combination, Fusion* fusion) {
  TRINE_ASSIGN(const Json* parameters, MapOf(processor, combination, "parameters"));
  if (parameters == nullptr) return Ok();
  for (const auto& [key, value] : parameters->object()) {
    if (key != "weights")
      return IllegalArgument(
          "provided parameter for combination technique is not supported. supported parameters are "
          "[weights]");
    TRINE_ASSIGN(fusion->weights, Weights(value));
  }
  return Ok();
}

Result<ScoreBound> OneBound(const Json& given, const std::string& score_name, float otherwise) {
  if (!given.is_object()) return IllegalArgument("unrecognized parameters in normalization technique");
  ScoreBound bound;
  bound.value = otherwise;
  for (const auto& [key, value] : given.object()) {
    if (key == "mode") {
      std::string mode = value.is_string() ? value.string() : ScalarText(value);
      const std::string shown = mode;
      std::transform(mode.begin(), mode.end(), mode.begin(),
                     [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); });
      if (mode == "apply")
        bound.mode = ScoreBound::Mode::kApply;
      else if (mode == "clip")
        bound.mode = ScoreBound::Mode::kClip;
      else if (mode == "ignore")
        bound.mode = ScoreBound::Mode::kIgnore;
      else
        return IllegalArgument("invalid mode: " + shown + ", valid values are: apply, clip, ignore");
    } else if (key == score_name) {
      const auto number = value.is_number()   ? std::optional<double>(value.number())
                          : value.is_string() ? format::ParseDouble(value.string())
                                              : std::nullopt;
      if (!number)
        return IllegalArgument("invalid format for " + score_name + ": must be a valid float value");
      if (!std::isfinite(*number) || std::fabs(*number) > kBoundLimit)
        return IllegalArgument(score_name +
                               " must be a valid finite number between -10000.000000 and "
                               "10000.000000");
      bound.value = static_cast<float>(*number);
    } else {
      return IllegalArgument("unrecognized parameters in normalization technique");
    }
  }
  return bound;
}

Result<std::vector<ScoreBound>> ParseBounds(const Json& given, const std::string& name,
                                            const std::string& score_name, float otherwise) {
  if (!given.is_array()) return IllegalArgument(name + " must be a List");
  if (given.array().size() > limits::kMaxHybridClauses)
    return IllegalArgument(name + " size " + std::to_string(given.array().size()) +
                           " should be less than or equal to 5");
  std::vector<ScoreBound> bounds;
  for (const Json& one : given.array()) {
    TRINE_ASSIGN(const ScoreBound bound, OneBound(one, score_name, otherwise));
    bounds.push_back(bound);
  }
  return bounds;
}

Status NormalizationParameters(const Json* normalization, Fusion* fusion) {
  if (normalization == nullptr) return Ok();
  TRINE_ASSIGN(const Json* parameters, MapOf("normalization-processor", *normalization, "parameters"));
  if (parameters == nullptr || parameters->object().empty()) return Ok();
  if (fusion->normalization == Fusion::Normalization::kZScore) return Ok();  // z-score ignores bounds
  if (fusion->normalization != Fusion::Normalization::kMinMax)
    return IllegalArgument("unrecognized parameters in normalization technique");
  for (const auto& [key, value] : parameters->object()) {
    if (key == "lower_bounds") {
      TRINE_ASSIGN(fusion->lower_bounds, ParseBounds(value, key, "min_score", 0));
    } else if (key == "upper_bounds") {
      TRINE_ASSIGN(fusion->upper_bounds, ParseBounds(value, key, "max_score", 1));
    } else {
      return IllegalArgument("unrecognized parameters in normalization technique");
    }
  }
  return Ok();
}

// tag, description and ignore_failure are allowed on every processor; ignore_failure has no effect here.
Status CheckKeys(const std::string& type, const Json& config, std::initializer_list<const char*> known) {
  for (const auto& [key, value] : config.object()) {
    bool found = key == "tag" || key == "description" || key == "ignore_failure";
    for (const char* name : known) found = found || key == name;
    if (!found)
      return ProcessorProperty("", "",
                               "processor [" + type +
                                   "] doesn't support one or more provided configuration parameters: [" +
                                   key + "]");
  }
  return Ok();
}

}  // namespace

std::string JavaType(const Json& value) {
  if (value.is_string()) return "java.lang.String";
  if (value.is_bool()) return "java.lang.Boolean";
  if (value.is_integer()) return "java.lang.Integer";
  if (value.is_number()) return "java.lang.Double";
  if (value.is_array()) return "java.util.ArrayList";
  return value.is_object() ? "java.util.HashMap" : "null";
}

Result<Fusion> ParseNormalization(const Json& config) {
  constexpr const char* kType = "normalization-processor";
  static const std::map<std::string_view, Fusion::Normalization> kNormalizations = {
      {"min_max", Fusion::Normalization::kMinMax},
      {"l2", Fusion::Normalization::kL2},
      {"z_score", Fusion::Normalization::kZScore},
      {"rrf", Fusion::Normalization::kRrf}};
  static const std::map<std::string_view, Fusion::Combination> kCombinations = {
      {"arithmetic_mean", Fusion::Combination::kArithmetic},
      {"geometric_mean", Fusion::Combination::kGeometric},
      {"harmonic_mean", Fusion::Combination::kHarmonic}};
  Fusion fusion;
  TRINE_ASSIGN(const Json* normalization, MapOf(kType, config, "normalization"));
  TRINE_ASSIGN(const Json* combination, MapOf(kType, config, "combination"));
  TRINE_ASSIGN(const std::string normalize, Technique(normalization, "min_max"));
  TRINE_ASSIGN(const std::string combine, Technique(combination, "arithmetic_mean"));
  const auto n = kNormalizations.find(normalize);
  if (n == kNormalizations.end()) return IllegalArgument("provided normalization technique is not supported");
  fusion.normalization = n->second;
  TRINE_TRY(NormalizationParameters(normalization, &fusion));
  const auto c = kCombinations.find(combine);
  if (c == kCombinations.end()) return IllegalArgument("provided combination technique is not supported");
  fusion.combination = c->second;
  if (combination != nullptr) TRINE_TRY(CombinationParameters(kType, *combination, &fusion));
  if (fusion.normalization == Fusion::Normalization::kZScore &&
      fusion.combination != Fusion::Combination::kArithmetic) {
    return IllegalArgument("provided combination technique " + combine +
                           " is not supported for normalization technique z_score. Supported techniques are: "
                           "arithmetic_mean");
  }
  TRINE_TRY(CheckKeys(kType, config, {"normalization", "combination"}));
  TRINE_TRY(search::Check(fusion));
  return fusion;
}

Result<Fusion> ParseScoreRanker(const Json& config) {
  constexpr const char* kType = "score-ranker-processor";
  Fusion fusion;
  fusion.normalization = Fusion::Normalization::kRrf;
  fusion.combination = Fusion::Combination::kRrf;
  TRINE_ASSIGN(const Json* combination, MapOf(kType, config, "combination"));
  TRINE_ASSIGN(const std::string combine, Technique(combination, "rrf"));
  // OpenSearch accepts a pipeline with any technique here, but then every search with that pipeline fails.
  if (combine != "rrf") return IllegalArgument("provided combination technique is not supported");
  if (combination != nullptr) {
    if (const Json* constant = combination->Find("rank_constant"); constant != nullptr) {
      const auto value = constant->is_int()      ? std::optional<int64_t>(constant->integer())
                         : constant->is_string() ? format::ParseInt(constant->string())
                                                 : std::nullopt;
      if (!value) return IllegalArgument("parameter [rank_constant] must be an integer");
      if (*value < 1 || *value > 10000)
        return IllegalArgument(
            "rank constant must be in the interval between 1 and 10000, submitted rank constant: " +
            std::to_string(*value));
      fusion.rank_constant = static_cast<int>(*value);
    }
    TRINE_TRY(CombinationParameters(kType, *combination, &fusion));
  }
  TRINE_TRY(CheckKeys(kType, config, {"combination"}));
  TRINE_TRY(search::Check(fusion));
  return fusion;
}

}  // namespace trine::api::opensearch
