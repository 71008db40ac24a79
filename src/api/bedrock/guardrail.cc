#include "api/bedrock/guardrail.h"

#include <algorithm>

#include "api/bedrock/body_reader.h"
#include "api/bedrock/errors.h"
#include "base/check.h"
#include "base/utf8.h"
#include "language/grounding.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
constexpr auto kPlain = BodyReader::Wording::kPlain;
constexpr size_t kMaxContent = 1000;      // blocks of one request
constexpr size_t kUnitCharacters = 1000;  // the size of the text unit by which the service counts
constexpr double kThreshold = 1;          // every sentence must be supported

struct Texts {
  language::GroundingMaterial material;
  std::string guarded;
};

Status ReadContent(const Json& block, const std::string& where, Texts* texts) {
  BodyReader reader(block, kPlain, where);
  if (reader.Has("image"))
    return Error(ErrorCode::kUnsupported, where + ": images are not supported, only text is").Where(where);
  const Json* text = reader.Object("text");
  static_cast<void>(reader.Need("text"));
  TRINE_TRY(reader.Finish(false));
  BodyReader inner(*text, kPlain, where + ".text");
  std::string words = inner.Text("text");
  const std::vector<std::string> qualifiers = inner.Texts("qualifiers", 3);
  TRINE_TRY(inner.Finish(false));
  const auto has = [&](const char* name) {
    return std::find(qualifiers.begin(), qualifiers.end(), name) != qualifiers.end();
  };
  for (const std::string& one : qualifiers) {
    if (one != "grounding_source" && one != "query" && one != "guard_content")
      return Invalid(
          where + ".text.qualifiers: Input should be one of: grounding_source, query, guard_content", where);
  }
  if (has("grounding_source")) {
    texts->material.documents.push_back(std::move(words));
  } else if (has("query")) {
    texts->material.question += (texts->material.question.empty() ? "" : "\n") + words;
  } else {
    texts->guarded += (texts->guarded.empty() ? "" : "\n") + words;
  }
  return Ok();
}

Json Usage(uint64_t units) {
  Json usage;
  for (const char* unused : {"topicPolicyUnits", "contentPolicyUnits", "wordPolicyUnits",
                             "sensitiveInformationPolicyUnits", "sensitiveInformationPolicyFreeUnits"})
    usage.Set(unused, 0);
  usage.Set("contextualGroundingPolicyUnits", units);
  return usage;
}

Json Assessment(double score, bool blocked) {
  Json filter, filters(Json::Array{}), policy, assessment;
  filter.Set("type", "GROUNDING");
  filter.Set("threshold", kThreshold);
  filter.Set("score", score);
  filter.Set("action", blocked ? "BLOCKED" : "NONE");
  filter.Set("detected", blocked);
  filters.Push(std::move(filter));
  policy.Set("filters", std::move(filters));
  assessment.Set("contextualGroundingPolicy", std::move(policy));
  return assessment;
}

}  // namespace

Result<Json> ApplyGuardrail(const Json& body) {
  BodyReader reader(body, kPlain);
  const std::string source = reader.Choice("source", {"INPUT", "OUTPUT"});
  static_cast<void>(reader.Need("source"));
  const Json::Array* content = reader.List("content", kMaxContent);
  static_cast<void>(reader.Need("content"));
  static_cast<void>(reader.Choice("outputScope", {"INTERVENTIONS", "FULL"}));
  TRINE_TRY(reader.Finish(false));
  if (source == "INPUT")
    return Error(ErrorCode::kUnsupported,
                 "source INPUT is not supported: only the contextual grounding of an output is checked")
        .Where("source");
  Texts texts;
  for (size_t i = 0; i < content->size(); ++i)
    TRINE_TRY(ReadContent((*content)[i], "content." + std::to_string(i), &texts));
  if (texts.material.documents.empty())
    return Invalid(
        "content: a text with the qualifier grounding_source is required, because only contextual grounding "
        "is checked",
        "content");
  if (texts.guarded.empty()) return Invalid("content: there is no text to check", "content");

  size_t supported = 0;
  std::string kept;
  language::SentenceChecker checker(std::move(texts.material));
  std::vector<language::CheckedSentence> sentences = checker.Add(texts.guarded);
  for (language::CheckedSentence& last : checker.Finish()) sentences.push_back(std::move(last));
  for (const language::CheckedSentence& sentence : sentences) {
    if (!sentence.supported) continue;
    ++supported;
    kept += sentence.text;
  }
  const double score =
      sentences.empty() ? 1 : static_cast<double>(supported) / static_cast<double>(sentences.size());
  TRINE_CHECK_LE(supported, sentences.size());
  const bool blocked = score < kThreshold;
  Json out, outputs(Json::Array{}), assessments(Json::Array{});
  if (blocked) {
    Json output;
    output.Set("text", kept);
    outputs.Push(std::move(output));
    out.Set("actionReason", "Guardrail blocked: " + std::to_string(sentences.size() - supported) + " of " +
                                std::to_string(sentences.size()) +
                                " sentences are not supported by the grounding source");
  }
  assessments.Push(Assessment(score, blocked));
  out.Set("usage", Usage((CountCodePoints(texts.guarded) + kUnitCharacters - 1) / kUnitCharacters));
  out.Set("action", blocked ? "GUARDRAIL_INTERVENED" : "NONE");
  out.Set("outputs", std::move(outputs));
  out.Set("assessments", std::move(assessments));
  return out;
}

}  // namespace trine::api::bedrock
