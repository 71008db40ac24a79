#include "api/opensearch/json/analysis_json.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/analysis_checks.h"
#include "api/opensearch/request/body_reader.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using analysis::AnalysisSettings;
using format::Json;

constexpr std::string_view kHead = "index.analysis.";
constexpr size_t kMaxComponents = 1000;

using Options = std::map<std::string, Json>;
// The options of each component, by its kind and name: kind -> name -> option -> value.
using Components = std::map<std::string, std::map<std::string, Options>>;

// The elements of a list. As in OpenSearch, a list that is given as one text has commas between them.
std::vector<std::string> Elements(const Json& value) {
  std::vector<std::string> list;
  if (value.is_array()) {
    for (const Json& one : value.array()) list.push_back(ScalarText(one));
    return list;
  }
  const std::string text = ScalarText(value);
  for (size_t from = 0; from < text.size();) {
    const size_t to = std::min(text.find(',', from), text.size());
    if (const std::string_view one = Trim(std::string_view(text).substr(from, to - from)); !one.empty())
      list.emplace_back(one);
    from = to + 1;
  }
  return list;
}

// Whether a component's option is a list, on every component that has it.
bool IsList(std::string_view name) {
  constexpr std::string_view kLists[] = {
      "stopwords",    "stoptags",       "synonyms",    "mappings",
      "escaped_tags", "stem_exclusion", "token_chars", "user_dictionary_rules"};
  return std::find(std::begin(kLists), std::end(kLists), name) != std::end(kLists);
}

std::string OptionText(const std::string& name, const Json& value) {
  if (!value.is_array() && !IsList(name)) return ScalarText(value);
  std::string text;
  for (const std::string& one : Elements(value)) {
    if (!text.empty()) text += '\n';
    text += one;
  }
  return text;
}

std::vector<std::string> ListOf(const Options& options, const char* name) {
  const auto it = options.find(name);
  return it == options.end() ? std::vector<std::string>() : Elements(it->second);
}

std::string TypeOf(const Options& options) {
  const auto it = options.find("type");
  return it == options.end() ? "" : OptionText("type", it->second);
}

analysis::ComponentSpec SpecOf(const Options& options) {
  analysis::ComponentSpec spec;
  spec.type = TypeOf(options);
  for (const auto& [name, value] : options) {
    if (name != "type" && name != "version") spec.options[name] = OptionText(name, value);
  }
  return spec;
}

// Reads the tokenizer, filter and char_filter of a custom analyzer or normalizer. As in OpenSearch, other
// options are ignored.
Result<analysis::AnalyzerSpec> ChainOf(const Options& options, const std::string& where) {
  analysis::AnalyzerSpec spec;
  for (const auto& [name, value] : options) {
    if (name == "tokenizer") spec.tokenizer = OptionText(name, value);
    if (name == "position_increment_gap" && OptionText(name, value) != "100")
      return NotSupported("[position_increment_gap] of analyzer [" + where + "]");
  }
  spec.filters = ListOf(options, "filter");
  spec.char_filters = ListOf(options, "char_filter");
  return spec;
}

// Splits "analyzer.my.stem.filter". A name may contain dots, so the option is the part after the last dot.
Result<Components> Collect(const Json& flat) {
  Components components;
  size_t count = 0;
  for (const auto& [key, value] : flat.object()) {
    if (key.rfind(kHead, 0) != 0) continue;
    const std::string path = key.substr(kHead.size());
    const size_t first = path.find('.'), last = path.rfind('.');
    if (first == std::string::npos || last == first)
      return IllegalArgument("an analysis setting needs a component name and an option, got [" + key + "]");
    if (++count > kMaxComponents * 10) return Error(ErrorCode::kLimit, "too many analysis settings");
    components[path.substr(0, first)][path.substr(first + 1, last - first - 1)][path.substr(last + 1)] =
        value;
  }
  return components;
}

Status AddAnalyzer(const std::string& name, const Options& options, AnalysisSettings* settings) {
  const std::string type = TypeOf(options);
  if (name == "default_search") return NotSupported("analyzer [default_search]");
  if (type.empty() && !options.contains("tokenizer"))
    return IllegalArgument("analyzer [" + name + "] must specify either an analyzer type, or a tokenizer");
  if (type.empty() || type == "custom") {
    if (!options.contains("tokenizer"))
      return IllegalArgument("Custom Analyzer [" + name + "] must be configured with a tokenizer");
    TRINE_ASSIGN(settings->analyzers[name], ChainOf(options, name));
  } else {
    settings->configured[name] = SpecOf(options);
  }
  return Ok();
}

// Checks that an n-gram tokenizer or filter does not span more lengths than the index allows.
Status CheckGramSpread(const analysis::ComponentSpec& spec, int64_t max_spread) {
  if (spec.type != "ngram") return Ok();
  const auto length = [&spec](const char* name, int64_t otherwise) {
    const auto it = spec.options.find(name);
    return it == spec.options.end() ? otherwise : format::ParseInt(it->second).value_or(otherwise);
  };
  const int64_t spread = length("max_gram", 2) - length("min_gram", 1);
  if (spread <= max_spread) return Ok();
  return IllegalArgument(
      "The difference between max_gram and min_gram in NGram Tokenizer must be less than or equal to: [" +
      std::to_string(max_spread) + "] but was [" + std::to_string(spread) +
      "]. This limit can be set by changing the [index.max_ngram_diff] index level setting.");
}

Status Add(const std::string& kind, const std::string& name, const Options& options,
           AnalysisSettings* settings) {
  if (kind == "analyzer") return AddAnalyzer(name, options, settings);
  if (kind == "normalizer") {
    const std::string type = TypeOf(options);
    if (type == "lowercase") return settings->normalizers[name].filters = {"lowercase"}, Ok();
    if (!type.empty() && type != "custom")
      return IllegalArgument("Unknown normalizer type [" + type + "] for [" + name + "]");
    TRINE_ASSIGN(settings->normalizers[name], ChainOf(options, name));
    return Ok();
  }
  std::map<std::string, analysis::ComponentSpec>* components = kind == "tokenizer" ? &settings->tokenizers
                                                               : kind == "filter"  ? &settings->filters
                                                               : kind == "char_filter"
                                                                   ? &settings->char_filters
                                                                   : nullptr;
  if (components == nullptr) return IllegalArgument("unknown analysis component [" + kind + "]");
  if (TypeOf(options).empty()) return IllegalArgument(kind + " [" + name + "] must specify a type");
  (*components)[name] = SpecOf(options);
  return Ok();
}

// Replaces the option `user_dictionary`, the path of a file, by the rules in that file. The stored definition
// then does not depend on the file, which may change or vanish.
Status ReadUserDictionary(const analysis::Analyzers& analyzers, const std::string& name,
                          analysis::ComponentSpec* spec) {
  const auto path = spec->options.find("user_dictionary");
  if (path == spec->options.end()) return Ok();
  if (spec->options.contains("user_dictionary_rules")) {
    return IllegalArgument(
        "It is not allowed to use [user_dictionary] in conjunction with [user_dictionary_rules]");
  }
  const auto lines = analyzers.ReadWordFile(path->second);
  if (!lines.ok()) {
    return IllegalArgument("[user_dictionary] of [" + name + "]: " + lines.error().ToString());
  }
  std::string rules;
  for (const std::string& line : *lines) rules.append(rules.empty() ? "" : "\n").append(line);
  spec->options.erase(path);
  spec->options["user_dictionary_rules"] = std::move(rules);
  return Ok();
}

}  // namespace

Result<analysis::ComponentSpec> ParseComponent(const Json& given, const std::string& where,
                                               int64_t max_gram_spread) {
  if (!given.is_object()) return ParsingError("[" + where + "] must be an object", where);
  Options options;
  for (const auto& [name, value] : given.object()) {
    if (value.is_object() || value.is_null())
      return ParsingError("[" + where + "] has an invalid value for [" + name + "]", where);
    options[name] = value;
  }
  if (TypeOf(options).empty()) return IllegalArgument("Missing [type] setting for anonymous " + where);
  analysis::ComponentSpec spec = SpecOf(options);
  TRINE_TRY(CheckGramSpread(spec, max_gram_spread));
  return spec;
}

int64_t MaxGramSpread(const Json& flat) {
  constexpr int64_t kDefault = 8;  // OpenSearch's is 1
  const Json* given = flat.Find("index.max_ngram_diff");
  const auto number =
      given != nullptr && given->is_string() ? format::ParseInt(given->string()) : std::nullopt;
  return std::max(number.value_or(0), kDefault);
}

Result<AnalysisSettings> ParseAnalysis(const Json& flat, const analysis::Analyzers& analyzers) {
  AnalysisSettings settings;
  TRINE_ASSIGN(const Components components, Collect(flat));
  for (const auto& [kind, named] : components) {
    for (const auto& [name, options] : named) TRINE_TRY(Add(kind, name, options, &settings));
  }
  for (auto& [name, spec] : settings.configured) TRINE_TRY(ReadUserDictionary(analyzers, name, &spec));
  for (auto& [name, spec] : settings.tokenizers) TRINE_TRY(ReadUserDictionary(analyzers, name, &spec));
  for (const auto* specs : {&settings.tokenizers, &settings.filters}) {
    for (const auto& [name, spec] : *specs) TRINE_TRY(CheckGramSpread(spec, MaxGramSpread(flat)));
  }
  const auto check = [&](const std::string& name) -> Status {
    const auto built = analyzers.Build(name, settings);
    if (!built.ok())
      return IllegalArgument("analyzer [" + name + "] cannot be built: " + built.error().ToString());
    return Ok();
  };
  for (const auto& [name, spec] : settings.analyzers) TRINE_TRY(check(name));
  for (const auto& [name, spec] : settings.configured) TRINE_TRY(check(name));
  for (const auto& [name, spec] : settings.normalizers) TRINE_TRY(check(name));
  // Components that no analyzer uses yet must be valid too, because a later mapping can use them.
  const auto check_part = [&](const char* kind, const std::string& name,
                              const analysis::AnalyzerSpec& spec) -> Status {
    const auto built = analyzers.BuildChain(spec, settings);
    if (!built.ok())
      return IllegalArgument(std::string(kind) + " [" + name +
                             "] cannot be built: " + built.error().ToString());
    return Ok();
  };
  for (const auto& [name, spec] : settings.tokenizers)
    TRINE_TRY(check_part("tokenizer", name, {name, {}, {}}));
  for (const auto& [name, spec] : settings.filters)
    TRINE_TRY(check_part("filter", name, {"standard", {name}, {}}));
  for (const auto& [name, spec] : settings.char_filters)
    TRINE_TRY(check_part("char_filter", name, {"standard", {}, {name}}));
  TRINE_TRY(CheckAnalysis(settings, flat, analyzers));
  return settings;
}

}  // namespace trine::api::opensearch
