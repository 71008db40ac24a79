#include "api/opensearch/json/pipeline_json.h"

#include <array>
#include <cmath>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/fusion_json.h"
#include "api/opensearch/request/body_reader.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

constexpr std::string_view kRerank = "personalized_search_ranking";
constexpr std::string_view kRerankAlias = "personalize_search_ranking";  // the API specification's spelling

constexpr std::array kRequestNotBuilt = {"filter_query",
                                         "oversample",
                                         "script",
                                         "neural_query_enricher",
                                         "ml_inference",
                                         "neural_sparse_two_phase_processor",
                                         "agentic_query_translator"};
constexpr std::array kResponseNotBuilt = {"rename_field",
                                          "sort",
                                          "split",
                                          "truncate_hits",
                                          "collapse",
                                          "rerank",
                                          "ml_inference",
                                          "retrieval_augmented_generation",
                                          "hybrid_score_explanation"};

// Reads the members of one processor; Done() reports the members that were not read.
class ProcessorReader {
 public:
  ProcessorReader(std::string_view type, const Json& config) : type_(type), config_(config) {}

  const Json* Take(std::string_view key) {
    taken_.emplace_back(key);
    const Json* value = config_.Find(key);
    return value != nullptr && value->is_null() ? nullptr : value;
  }
  Error PropertyError(std::string_view key, const std::string& message) const {
    return ProcessorProperty(type_, key, message);
  }
  Result<std::string> Text(std::string_view key, bool required) {
    const Json* value = Take(key);
    if (value == nullptr) {
      if (required) return PropertyError(key, "[" + std::string(key) + "] required property is missing");
      return std::string();
    }
    if (!value->is_string())
      return PropertyError(
          key, "[" + std::string(key) + "] property isn't a string, but of type [" + JavaType(*value) + "]");
    return value->string();
  }
  Result<bool> Flag(std::string_view key) {
    const Json* value = Take(key);
    if (value == nullptr) return false;
    if (!value->is_bool())
      return PropertyError(
          key, "[" + std::string(key) + "] property isn't a boolean, but of type [" + JavaType(*value) + "]");
    return value->boolean();
  }
  Status Done() const {
    std::string extra;
    for (const auto& [key, value] : config_.object()) {
      bool known = false;
      for (const std::string& taken : taken_) known = known || taken == key;
      if (!known) extra += (extra.empty() ? "" : ", ") + key;
    }
    if (extra.empty()) return Ok();
    return ProcessorProperty("", "",
                             "processor [" + type_ +
                                 "] doesn't support one or more provided configuration parameters: [" +
                                 extra + "]");
  }

 private:
  const std::string type_;
  const Json& config_;
  std::vector<std::string> taken_;
};

// Splits "arn:partition:service:region:account:resource" into its six parts. Returns false if it is not an
// ARN.
bool SplitArn(std::string_view arn, std::array<std::string_view, 6>* parts) {
  for (size_t i = 0; i < 5; ++i) {
    const size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return false;
    (*parts)[i] = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
  }
  (*parts)[5] = arn;
  return (*parts)[0] == "arn" && !(*parts)[1].empty() && !arn.empty();
}

Result<double> WeightOf(ProcessorReader* r) {
  const Json* weight = r->Take("weight");
  if (weight == nullptr) return r->PropertyError("weight", "[weight] required property is missing");
  const auto value = weight->is_number()   ? std::optional<double>(weight->number())
                     : weight->is_string() ? format::ParseDouble(weight->string())
                                           : std::nullopt;
  if (!value)
    return r->PropertyError(
        "weight", "[weight] property cannot be converted to a double [" + ScalarText(*weight) + "]");
  if (!(*value >= 0 && *value <= 1)) return r->PropertyError("weight", "[weight] invalid value for weight");
  return *value;
}

Result<size_t> WindowOf(ProcessorReader* r) {
  const Json* window = r->Take("window");
  if (window == nullptr) return limits::kRerankWindow;
  if (window->is_string() && window->string() == "page") return size_t{0};
  const bool good = window->is_int() && window->integer() >= 1 &&
                    window->integer() <= static_cast<int64_t>(limits::kMaxResults);
  if (!good)
    return r->PropertyError(
        "window", "[window] must be \"page\" or a number from 1 to " + std::to_string(limits::kMaxResults));
  return static_cast<size_t>(window->integer());
}

Result<formation::PersonalRerank> ParseRerank(std::string_view type, const Json& config) {
  ProcessorReader r(type, config);
  formation::PersonalRerank rerank;
  TRINE_ASSIGN(rerank.tag, r.Text("tag", false));
  TRINE_ASSIGN(rerank.description, r.Text("description", false));
  TRINE_ASSIGN(rerank.ignore_failure, r.Flag("ignore_failure"));
  TRINE_ASSIGN(const std::string arn, r.Text("campaign_arn", true));
  TRINE_ASSIGN(const std::string recipe, r.Text("recipe", true));
  TRINE_ASSIGN(rerank.weight, WeightOf(&r));
  TRINE_ASSIGN(rerank.item_id_field, r.Text("item_id_field", false));
  TRINE_ASSIGN(const std::string role, r.Text("iam_role_arn", false));
  TRINE_TRY(r.Text("aws_region", false));  // checked but unused: the server has its own region
  TRINE_ASSIGN(rerank.window, WindowOf(&r));
  if (IsBlank(rerank.item_id_field) || rerank.item_id_field == "_id") rerank.item_id_field.clear();
  auto campaign = CampaignOfArn(arn);
  if (!campaign.ok())
    return r.PropertyError("campaign_arn", "[campaign_arn] invalid format for Personalize campaign arn");
  rerank.campaign = std::move(*campaign);
  std::array<std::string_view, 6> parts;
  if (!IsBlank(role) && (!SplitArn(role, &parts) || parts[2] != "iam"))
    return r.PropertyError("iam_role_arn", "[iam_role_arn] invalid format for Personalize iam role arn");
  if (recipe != "aws-personalized-ranking" && recipe != "aws-personalized-ranking-v2")
    return r.PropertyError("recipe", "[recipe] not supported recipe provided");
  TRINE_TRY(r.Done());
  return rerank;
}

// [{"type": {config}}, ...]: calls `take(type, config)` for each.
template <typename Take>
Status ForEachProcessor(const Json& given, const char* list, Take take) {
  const Json* processors = given.Find(list);
  if (processors == nullptr || processors->is_null()) return Ok();
  if (!processors->is_array())
    return ProcessorProperty(
        "", list,
        "[" + std::string(list) + "] property isn't a list, but of type [" + JavaType(*processors) + "]");
  for (const Json& processor : processors->array()) {
    if (!processor.is_object())
      return ProcessorProperty("", list, "[" + std::string(list) + "] must contain only objects");
    for (const auto& [type, config] : processor.object()) {
      if (!config.is_object())
        return ProcessorProperty(
            type, "", "[" + type + "] property isn't a map, but of type [" + JavaType(config) + "]");
      TRINE_TRY(take(type, config));
    }
  }
  return Ok();
}

template <size_t N>
Status NoSuchProcessor(const std::string& type, const std::array<const char*, N>& known) {
  for (const char* name : known) {
    if (type == name) return NotSupported("processor [" + type + "]");
  }
  return IllegalArgument("Invalid processor type " + type);
}

Status ParseFusion(const Json& given, formation::SearchPipeline* pipeline) {
  return ForEachProcessor(
      given, "phase_results_processors", [&](const std::string& type, const Json& config) -> Status {
        const bool norm = type == "normalization-processor";
        if (!norm && type != "score-ranker-processor")
          return IllegalArgument("Invalid processor type " + type);
        TRINE_ASSIGN(search::Fusion fusion, norm ? ParseNormalization(config) : ParseScoreRanker(config));
        // Only the first fusion processor takes effect: a second one would have nothing left to fuse.
        if (!pipeline->fusion) pipeline->fusion = std::move(fusion);
        return Ok();
      });
}

Status ParseResponse(const Json& given, bool ad_hoc, formation::SearchPipeline* pipeline) {
  return ForEachProcessor(given, "response_processors",
                          [&](const std::string& type, const Json& config) -> Status {
                            if (type != kRerank && type != kRerankAlias)
                              return NoSuchProcessor(type, kResponseNotBuilt);
                            if (ad_hoc)
                              return IllegalArgument(type +
                                                     " processor may not be instantiated as part of a search "
                                                     "request. Create a named search pipeline "
                                                     "instead.");
                            TRINE_ASSIGN(formation::PersonalRerank rerank, ParseRerank(type, config));
                            pipeline->reranks.push_back(std::move(rerank));
                            return Ok();
                          });
}

}  // namespace

Result<std::string> CampaignOfArn(std::string_view arn) {
  std::array<std::string_view, 6> parts;
  if (!SplitArn(arn, &parts) || parts[2] != "personalize")
    return IllegalArgument("invalid format for Personalize campaign arn");
  constexpr std::string_view kKind = "campaign/";
  std::string_view resource = parts[5];
  if (resource.substr(0, kKind.size()) == kKind) resource.remove_prefix(kKind.size());
  return std::string(resource);
}

Result<formation::SearchPipeline> ParsePipeline(const std::string& name, const Json& given, bool ad_hoc) {
  formation::SearchPipeline pipeline;
  pipeline.name = name;
  pipeline.given = given;
  for (const auto& [key, value] : given.object()) {
    if (key != "request_processors" && key != "phase_results_processors" && key != "response_processors" &&
        key != "description" && key != "version")
      return ProcessorProperty("", "",
                               "pipeline [" + name +
                                   "] doesn't support one or more provided configuration parameters [" + key +
                                   "]");
  }
  TRINE_TRY(ForEachProcessor(given, "request_processors", [](const std::string& type, const Json&) {
    return NoSuchProcessor(type, kRequestNotBuilt);
  }));
  TRINE_TRY(ParseFusion(given, &pipeline));
  TRINE_TRY(ParseResponse(given, ad_hoc, &pipeline));
  return pipeline;
}

}  // namespace trine::api::opensearch
