// _analyze: tokenizes texts with a named analyzer, a chain of components, or a field's analyzer.
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/handlers/handlers.h"
#include "api/opensearch/handlers/targets.h"
#include "api/opensearch/json/analysis_json.h"
#include "api/opensearch/request/body_reader.h"
#include "base/check.h"

namespace trine::api::opensearch {
namespace {

using analysis::AnalysisSettings;
using AnalyzerPtr = std::shared_ptr<const analysis::Analyzer>;
using format::Json;

constexpr size_t kMaxTokens = 10'000;  // OpenSearch's index.analyze.max_token_count
constexpr size_t kMaxTermBytes =
    32u << 20;  // of all tokens together; needed because filters can make long tokens from a short text
constexpr uint32_t kGapBetweenTexts = 100;  // positions between two texts, as between two field values

std::string_view TypeName(analysis::TokenType type) {
  using analysis::TokenType;
  switch (type) {
    case TokenType::kAlphanum:
      return "<ALPHANUM>";
    case TokenType::kNum:
      return "<NUM>";
    case TokenType::kHangul:
      return "<HANGUL>";
    case TokenType::kIdeographic:
      return "<IDEOGRAPHIC>";
    case TokenType::kHiragana:
      return "<HIRAGANA>";
    case TokenType::kKatakana:
      return "<KATAKANA>";
    case TokenType::kEmoji:
      return "<EMOJI>";
    case TokenType::kWord:
      return "word";
    case TokenType::kSynonym:
      return "SYNONYM";
    case TokenType::kSoutheastAsian:
      return "<SOUTHEAST_ASIAN>";
    case TokenType::kShingle:
      return "shingle";
  }
  return "word";
}

// Returns a component's name. A component that is given inline is added to `defined` under a new name.
Result<std::string> Component(const Json& given, const std::string& kind, int64_t max_gram_spread,
                              std::map<std::string, analysis::ComponentSpec>* defined) {
  if (given.is_string()) return given.string();
  TRINE_ASSIGN(analysis::ComponentSpec spec, ParseComponent(given, kind, max_gram_spread));
  const std::string name = "__anonymous__" + kind + std::to_string(defined->size());
  (*defined)[name] = std::move(spec);
  return name;
}

Result<AnalyzerPtr> BuildChain(const analysis::Analyzers& analyzers, BodyReader* r, AnalysisSettings settings,
                               int64_t max_gram_spread) {
  analysis::AnalyzerSpec spec;
  if (const Json* tokenizer = r->Raw("tokenizer"); tokenizer != nullptr) {
    TRINE_ASSIGN(spec.tokenizer, Component(*tokenizer, "tokenizer", max_gram_spread, &settings.tokenizers));
  }
  for (const Json* filter : r->List("filter")) {
    TRINE_ASSIGN(std::string name, Component(*filter, "filter", max_gram_spread, &settings.filters));
    spec.filters.push_back(std::move(name));
  }
  for (const Json* filter : r->List("char_filter")) {
    TRINE_ASSIGN(std::string name,
                 Component(*filter, "char_filter", max_gram_spread, &settings.char_filters));
    spec.char_filters.push_back(std::move(name));
  }
  return analyzers.BuildChain(spec, settings);
}

// Returns the analyzer that indexes a field.
Result<AnalyzerPtr> FieldAnalyzer(const analysis::Analyzers& analyzers,
                                  const catalogue::Collection& collection, const std::string& path) {
  const AnalysisSettings& settings = collection.settings.analysis;
  const std::string& standard = collection.settings.default_analyzer;
  const catalogue::Field* field = collection.mapping.Find(path);
  if (field == nullptr) return analyzers.Build(standard.empty() ? "standard" : standard, settings);
  if (field->type == catalogue::FieldType::kText) {
    const std::string name = !field->analyzer.empty() ? field->analyzer : standard;
    return analyzers.Build(name.empty() ? "standard" : name, settings);
  }
  if (field->type == catalogue::FieldType::kKeyword)
    return analyzers.Build(field->normalizer.empty() ? "keyword" : field->normalizer, settings);
  return IllegalArgument("Can't process field [" + path +
                         "], Analysis requests are only supported on tokenized fields");
}

Result<AnalyzerPtr> ChooseAnalyzer(const Services& services, BodyReader* r,
                                   const catalogue::Collection* collection) {
  const analysis::Analyzers& analyzers = services.deps.analyzers;
  const AnalysisSettings settings =
      collection != nullptr ? collection->settings.analysis : AnalysisSettings{};
  const std::string name = r->Text("analyzer"), field = r->Text("field"), normalizer = r->Text("normalizer");
  if (r->Has("tokenizer") || r->Has("filter") || r->Has("char_filter")) {
    if (!name.empty()) return RequestValidation("cannot define extra components on a named analyzer");
    const int64_t spread =
        MaxGramSpread(collection != nullptr ? collection->settings.client_settings : Json());
    return BuildChain(analyzers, r, settings, spread);
  }
  if (!normalizer.empty()) {
    if (!settings.normalizers.contains(normalizer) && normalizer != "lowercase")
      return IllegalArgument("failed to find normalizer under [" + normalizer + "]");
    if (settings.normalizers.contains(normalizer)) return analyzers.Build(normalizer, settings);
    return analyzers.BuildChain({"keyword", {"lowercase"}, {}}, settings);
  }
  if (!field.empty()) {
    if (collection == nullptr)
      return RequestValidation("analysis based on a specific field requires an index");
    return FieldAnalyzer(analyzers, *collection, field);
  }
  const std::string standard = collection != nullptr && !collection->settings.default_analyzer.empty()
                                   ? collection->settings.default_analyzer
                                   : "standard";
  auto built = analyzers.Build(name.empty() ? standard : name, settings);
  if (!built.ok() && built.error().kind() == ErrorKind::kNotFound)
    return IllegalArgument("failed to find " + std::string(collection == nullptr ? "global " : "") +
                           "analyzer [" + name + "]");
  return built;
}

Json PrintToken(const analysis::Token& token, uint32_t offset, uint32_t position) {
  Json out;
  out.Set("token", token.term);
  out.Set("start_offset", static_cast<uint64_t>(token.start + offset));
  out.Set("end_offset", static_cast<uint64_t>(token.end + offset));
  out.Set("type", TypeName(token.type));
  out.Set("position", static_cast<uint64_t>(token.position + position));
  return out;
}

// Returns a text's length in UTF-16 code units, the unit of token offsets in answers.
uint32_t Utf16Length(std::string_view text) {
  uint32_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

// Returns the body or, if there is none, the URL parameters as a body. An error if the request has both.
Result<Json> RequestBody(const Call& call) {
  Json asked = Json::Object{};
  for (const auto& [name, value] : call.parameters()) {
    if (name == "index" || name == "pretty" || name == "human" || name == "error_trace" ||
        name == "filter_path" || name == "format" || name == "source" || name == "source_content_type")
      continue;
    if (name != "text" && name != "filter" && name != "char_filter") {
      asked.Set(name, value);
      continue;
    }
    // Each `text` parameter is one text, even if it contains commas. In `filter` and `char_filter`, commas
    // separate the names.
    Json& list = asked.Find(name) != nullptr ? *asked.Find(name) : asked.Set(name, Json::Array{});
    if (name == "text") {
      list.Push(value);
    } else {
      for (std::string& one : SplitList(value)) list.Push(std::move(one));
    }
  }
  if (asked.object().empty()) return call.RequiredBody();
  if (call.HasBody()) return IllegalArgument("_analyze accepts either a body or parameters, not both");
  return asked;
}

}  // namespace

Result<Answer> Analyze(Services& services, const Call& call) {
  TRINE_ASSIGN(const Json body, RequestBody(call));
  catalogue::CollectionPtr collection;
  const std::string index = call.Text("index", call.Variable("index"));
  if (!index.empty()) {
    TRINE_ASSIGN(collection, services.deps.catalogue.ResolveOne(index));
  }
  BodyReader r(body, "analyze", "body");
  std::vector<std::string> texts;
  for (const Json* text : r.List("text")) {
    if (text->is_array() || text->is_object() || text->is_null())
      return IllegalArgument("text array element should only contain text");
    texts.push_back(ScalarText(*text));
  }
  if (r.Flag("explain", false)) return NotSupported("[explain] of _analyze");
  r.Ignore("attributes");
  auto analyzer = ChooseAnalyzer(services, &r, collection.get());
  for (const auto& [key, value] : body.object()) {
    if (!r.Seen(key))
      return IllegalArgument("Unknown parameter [" + key +
                             "] in request body or parameter is of the wrong type[" +
                             std::string(value.type_name()) + "]");
  }
  TRINE_TRY(r.Done());
  if (!analyzer.ok()) {
    const Error& error = analyzer.error();
    if (error.code == ErrorCode::kIllegalArgument || error.code == ErrorCode::kRequestValidation)
      return error;
    return IllegalArgument(error.ToString());
  }
  if (texts.empty()) return RequestValidation("text is missing");
  Json tokens(Json::Array{});
  uint32_t offset = 0, position = 0;
  size_t bytes = 0;
  for (const std::string& text : texts) {
    std::vector<analysis::Token> found;
    (*analyzer)->Analyze(text, &found);
    if (tokens.array().size() + found.size() > kMaxTokens)
      return Error(ErrorCode::kAnalysisState,
                   "The number of tokens produced by calling _analyze has exceeded the allowed maximum of [" +
                       std::to_string(kMaxTokens) + "].");
    for (const analysis::Token& token : found) bytes += token.term.size();
    if (bytes > kMaxTermBytes)
      return Error(ErrorCode::kAnalysisState,
                   "The tokens produced by calling _analyze have exceeded the allowed maximum of [" +
                       std::to_string(kMaxTermBytes) + "] bytes.");
    for (const analysis::Token& token : found) TRINE_DCHECK_LE(token.start, token.end);
    for (const analysis::Token& token : found) tokens.Push(PrintToken(token, offset, position));
    offset += Utf16Length(text) + 1;
    if (!found.empty()) position += found.back().position + kGapBetweenTexts + 1;
  }
  Json answer;
  answer.Set("tokens", std::move(tokens));
  return JsonAnswer(answer);
}

}  // namespace trine::api::opensearch
