#include "operations/mapping/mapping_plan.h"

#include <utility>

#include "base/check.h"

namespace trine::operations {
namespace {

using catalogue::Field;
using catalogue::FieldType;

// A normalizer is an analysis chain over the whole value as one token. "lowercase" is built in.
Result<std::shared_ptr<const analysis::Analyzer>> BuildNormalizer(const std::string& name,
                                                                  const analysis::AnalysisSettings& settings,
                                                                  const analysis::Analyzers& analyzers) {
  analysis::AnalyzerSpec spec;
  const auto found = settings.normalizers.find(name);
  if (found != settings.normalizers.end()) {
    spec = found->second;
  } else if (name == "lowercase") {
    spec.filters = {"lowercase"};
  } else {
    return Error(ErrorCode::kNormalizerNotFound, "there is no normalizer with this name").Got(name);
  }
  spec.tokenizer = "keyword";
  return analyzers.BuildChain(spec, settings);
}

}  // namespace

Status Planner::PlanLeaf(const Field& field, PlannedField* planned) {
  planned->ordinal = leaves_++;
  const catalogue::CollectionSettings& settings = collection_.settings;
  if (field.type == FieldType::kText) {
    std::string name = field.analyzer.empty() ? settings.default_analyzer : field.analyzer;
    if (name.empty()) name = "standard";
    TRINE_ASSIGN(planned->analyzer, analyzers_.Build(name, settings.analysis));
  } else if (field.type == FieldType::kKeyword && !field.normalizer.empty()) {
    TRINE_ASSIGN(planned->analyzer, BuildNormalizer(field.normalizer, settings.analysis, analyzers_));
  } else if (field.type == FieldType::kDate) {
    TRINE_ASSIGN(planned->date, format::DateFormat::Compile(field.format));
  }
  return Ok();
}

Result<std::unique_ptr<PlannedField>> Planner::Plan(const Field& field, const PlannedField& parent) {
  auto planned = std::make_unique<PlannedField>();
  planned->field = &field;
  planned->path = parent.path.empty() ? field.name : parent.path + "." + field.name;
  planned->dynamic = field.dynamic.value_or(parent.dynamic);
  if (!planned->is_object()) {
    // A definition that cannot be used makes its own field unusable, not the collection.
    if (Status usable = PlanLeaf(field, planned.get()); !usable.ok())
      planned->broken = std::move(usable).error();
  }
  for (const Field& below : field.properties) {
    TRINE_ASSIGN(std::unique_ptr<PlannedField> child, Plan(below, *planned));
    const bool added = planned->by_name.emplace(below.name, child.get()).second;
    TRINE_CHECK(added);  // names within an object are unique
    planned->children.push_back(std::move(child));
  }
  for (const Field& also : field.fields) {
    TRINE_ASSIGN(std::unique_ptr<PlannedField> sub, Plan(also, *planned));
    planned->multi.push_back(std::move(sub));
  }
  return planned;
}

Result<std::unique_ptr<PlannedField>> Planner::PlanRoot() {
  auto root = std::make_unique<PlannedField>();
  root->dynamic = collection_.mapping.dynamic;
  for (const Field& field : collection_.mapping.properties) {
    TRINE_ASSIGN(std::unique_ptr<PlannedField> child, Plan(field, *root));
    root->by_name.emplace(field.name, child.get());
    root->children.push_back(std::move(child));
  }
  return root;
}

}  // namespace trine::operations
