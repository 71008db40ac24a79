#include "api/opensearch/json/analysis_checks.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/filters.h"
#include "api/opensearch/errors/errors.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using analysis::AnalysisSettings;
using analysis::AnalyzerSpec;
using analysis::ComponentSpec;
using Components = std::map<std::string, ComponentSpec>;

// The definition under this name, or the built-in component without options.
ComponentSpec Resolve(const Components& defined, const std::string& name) {
  const auto at = defined.find(name);
  return at == defined.end() ? ComponentSpec{name, {}} : at->second;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<int64_t> NumberOption(const ComponentSpec& spec, const char* name) {
  const auto at = spec.options.find(name);
  return at == spec.options.end() ? std::nullopt : format::ParseInt(at->second);
}

// A normalizer changes the characters of a value and leaves it one term.
Status CheckNormalizer(const std::string& name, const AnalyzerSpec& spec, const AnalysisSettings& settings) {
  const std::string subject = "Custom normalizer [" + name + "] ";
  if (!spec.tokenizer.empty()) return IllegalArgument(subject + "cannot configure a tokenizer");
  for (const std::string& filter : spec.filters) {
    if (!IsOneOf(Resolve(settings.filters, filter).type,
                 {"lowercase", "uppercase", "asciifolding", "cjk_width", "trim"}))
      return IllegalArgument(subject + "may not use filter [" + filter + "]");
  }
  for (const std::string& filter : spec.char_filters) {
    if (!IsOneOf(Resolve(settings.char_filters, filter).type, {"mapping", "pattern_replace"}))
      return IllegalArgument(subject + "may not use char filter [" + filter + "]");
  }
  return Ok();
}

std::vector<std::string> RulesOf(const ComponentSpec& spec) {
  std::vector<std::string> rules;
  const auto at = spec.options.find("synonyms");
  if (at == spec.options.end()) return rules;
  for (size_t from = 0; from < at->second.size();) {
    const size_t to = std::min(at->second.find('\n', from), at->second.size());
    rules.push_back(at->second.substr(from, to - from));
    from = to + 1;
  }
  return rules;
}

// Checks the synonym filters of a chain, whose rules are analysed by the part of the chain before them.
Status CheckSynonyms(const AnalyzerSpec& spec, const AnalysisSettings& settings,
                     const analysis::Analyzers& analyzers) {
  AnalyzerSpec before = spec;
  before.filters.clear();
  for (const std::string& filter : spec.filters) {
    const ComponentSpec resolved = Resolve(settings.filters, filter);
    const auto lenient = resolved.options.find("lenient");
    if (IsOneOf(resolved.type, {"synonym", "synonym_graph"})) {
      for (const std::string& earlier : before.filters) {
        if (IsOneOf(Resolve(settings.filters, earlier).type, {"ngram", "edge_ngram", "shingle"}))
          return IllegalArgument("Token filter [" + earlier + "] cannot be used to parse synonyms");
      }
      TRINE_ASSIGN(const auto analyzer, analyzers.BuildChain(before, settings));
      const auto incomplete = analysis::FindIncompleteSynonym(RulesOf(resolved), *analyzer);
      if (incomplete && (lenient == resolved.options.end() || lenient->second != "true")) {
        return IllegalArgument("Failed to build synonyms: filter [" + filter + "] has the synonym [" +
                               *incomplete + "], of which the analyzer drops a word");
      }
    }
    before.filters.push_back(filter);
  }
  return Ok();
}

Status CheckFilter(const ComponentSpec& spec, int64_t max_shingle_diff) {
  if (spec.type == "length") {
    const auto least = NumberOption(spec, "min"), most = NumberOption(spec, "max");
    if (least && most && *least > *most)
      return IllegalArgument("maximum length must not be greater than minimum length");
  }
  if (spec.type == "truncate" && !NumberOption(spec, "length"))
    return IllegalArgument("length parameter must be provided");
  if (spec.type == "shingle") {
    const auto unigrams = spec.options.find("output_unigrams");
    const int64_t extra = unigrams != spec.options.end() && unigrams->second == "false" ? 0 : 1;
    const int64_t diff = NumberOption(spec, "max_shingle_size").value_or(2) -
                         NumberOption(spec, "min_shingle_size").value_or(2) + extra;
    if (diff > max_shingle_diff) {
      return IllegalArgument(
          "In Shingle TokenFilter the difference between max_shingle_size and min_shingle_size (and +1 if "
          "outputting unigrams) must be less than or equal to: [" +
          std::to_string(max_shingle_diff) + "] but was [" + std::to_string(diff) +
          "]. This limit can be set by changing the [index.max_shingle_diff] index level setting.");
    }
  }
  return Ok();
}

}  // namespace

Status CheckAnalysis(const AnalysisSettings& settings, const format::Json& flat,
                     const analysis::Analyzers& analyzers) {
  constexpr int64_t kMaxShingleDiff = 3;
  const format::Json* given = flat.Find("index.max_shingle_diff");
  const auto limit =
      given != nullptr && given->is_string() ? format::ParseInt(given->string()) : std::nullopt;
  for (const auto& [name, spec] : settings.filters) {
    TRINE_TRY(CheckFilter(spec, limit.value_or(kMaxShingleDiff)));
  }
  for (const auto& [name, spec] : settings.normalizers) TRINE_TRY(CheckNormalizer(name, spec, settings));
  for (const auto& [name, spec] : settings.analyzers) TRINE_TRY(CheckSynonyms(spec, settings, analyzers));
  return Ok();
}

}  // namespace trine::api::opensearch
