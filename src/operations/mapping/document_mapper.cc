#include "operations/mapping/document_mapper.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "catalogue/settings_view.h"
#include "operations/mapping/dynamic_rules.h"
#include "operations/mapping/field_sink.h"
#include "operations/mapping/field_values.h"

namespace trine::operations {
namespace {

using catalogue::Dynamic;
using catalogue::Field;
using catalogue::FieldType;
using catalogue::Mapping;
using format::Json;

// A field that the mapping lacks, planned for this document only.
struct GrownField {
  std::unique_ptr<Field> field;
  std::unique_ptr<PlannedField> planned;
  std::vector<std::string> ancestors;  // names from the root to its parent
};

// Adds `field` to `mapping` under `ancestors`. Ancestors are copied from `base` without their fields, so that
// `mapping` contains new fields only.
void Graft(const Mapping& base, const std::vector<std::string>& ancestors, const Field& field,
           Mapping* mapping) {
  std::vector<Field>* here = &mapping->properties;
  std::string path;
  for (const std::string& name : ancestors) {
    path += path.empty() ? name : "." + name;
    auto at = std::find_if(here->begin(), here->end(), [&](const Field& f) { return f.name == name; });
    if (at == here->end()) {
      const Field* known = base.Find(path);
      Field object = known != nullptr ? *known : Field{};
      object.name = name;
      object.type = FieldType::kObject;
      object.properties.clear();
      at = here->insert(here->end(), std::move(object));
    }
    here = &at->properties;
  }
  here->push_back(field);
}

// Walks one document, adds its values to a FieldSink, and collects its new fields.
class DocumentWalker {
 public:
  // `stored`: as MapStored describes.
  DocumentWalker(bool stored, const catalogue::Collection& collection, const analysis::Analyzers& analyzers,
                 const PlannedField& root, size_t leaves, std::string_view id, MappedDocument* out)
      : stored_(stored),
        collection_(collection),
        limits_(catalogue::MappingLimitsOf(collection.settings)),
        planner_(collection, analyzers),
        root_(root),
        id_(id),
        out_(*out),
        sink_(&out->document, stored) {
    planner_.StartAt(leaves);
  }

  Status Map(const Json& source) {
    TRINE_TRY(Object(root_, source.object(), 1));
    copying_ = true;
    for (const auto& [target, value] : copies_) TRINE_TRY(Member(root_, target, *value, 1));
    Mapping& grown = out_.grown;
    grown.dynamic = collection_.mapping.dynamic;
    grown.date_detection = collection_.mapping.date_detection;
    grown.meta = collection_.mapping.meta;
    for (const GrownField* g : grown_order_) Graft(collection_.mapping, g->ancestors, *g->field, &grown);
    return Ok();
  }

 private:
  Error Fail(std::string message, ErrorCode code, const std::string& path) const {
    return Error(code, std::move(message)).Where(path);
  }
  // The outcome of a value that does not fit the mapping.
  Status Refuse(Error error) {
    if (!stored_) return error;
    if (out_.left_out++ == 0) out_.first_left_out = std::move(error);
    return Ok();
  }
  Error LeafError(const PlannedField& leaf, const Json& value, const Error& cause) const {
    const std::string type(Name(leaf.field->type));
    return std::move(
               Fail("cannot parse the value of a field: " + cause.message, ErrorCode::kFieldParse, leaf.path))
        .Expected(type)
        .Got(Preview(value))
        .Detail("id", std::string(id_))
        .Cause(cause);
  }

  const PlannedField* Child(const PlannedField& object, std::string_view name) const {
    if (const PlannedField* known = object.Child(name)) return known;
    if (grown_.empty()) return nullptr;
    const auto found =
        grown_.find(object.path.empty() ? std::string(name) : object.path + "." + std::string(name));
    return found == grown_.end() ? nullptr : found->second.planned.get();
  }

  Status Object(const PlannedField& object, const Json::Object& members, size_t depth) {
    if (const size_t most = limits_.depth; depth > most) {
      return Refuse(Error(ErrorCode::kMappingDepth,
                          "objects are nested more than " + std::to_string(most) + " levels deep")
                        .Where(object.path)
                        .Detail("limit", std::to_string(most)));
    }
    for (const auto& [name, value] : members) TRINE_TRY(Member(object, name, value, depth));
    return Ok();
  }

  Status Member(const PlannedField& object, std::string_view name, const Json& value, size_t depth) {
    if (name.empty())
      return Refuse(Fail("a field name must not be empty", ErrorCode::kFieldName, object.path));
    const size_t dot = name.find('.');
    if (dot != std::string_view::npos) return DottedMember(object, name, dot, value, depth);
    const PlannedField* child = Child(object, name);
    if (child == nullptr) return Unknown(object, std::string(name), value, depth);
    return child->is_object() ? ObjectValue(*child, value, depth) : LeafValue(*child, value);
  }

  // Handles a member whose name contains dots: "a.b" is the member b of the object a.
  Status DottedMember(const PlannedField& object, std::string_view name, size_t dot, const Json& value,
                      size_t depth) {
    const std::string head(name.substr(0, dot));
    const std::string_view tail = name.substr(dot + 1);
    if (head.empty() || tail.empty() || tail.front() == '.' || tail.back() == '.') {
      return Refuse(Fail("a field name must not start or end with a dot, or have two in a row",
                         ErrorCode::kFieldName, object.path)
                        .Got(std::string(name)));
    }
    if (depth > limits_.depth) return Object(object, {}, depth);
    const PlannedField* child = Child(object, head);
    if (child == nullptr) {
      if (stored_ || object.dynamic == Dynamic::kFalse) return Ok();
      if (object.dynamic == Dynamic::kStrict) return Strict(object, head);
      TRINE_ASSIGN(child, Grow(object, head, Json(Json::Object{})));
    }
    if (!child->is_object()) {
      return Refuse(Fail("the parent of a field is not an object", ErrorCode::kObjectField, child->path)
                        .Got(std::string(name))
                        .Detail("type", std::string(catalogue::Name(child->field->type))));
    }
    if (child->field != nullptr && !child->field->enabled) return Ok();
    return Member(*child, tail, value, depth + 1);
  }

  Status ObjectValue(const PlannedField& object, const Json& value, size_t depth) {
    if (!object.field->enabled || value.is_null()) return Ok();
    if (value.is_object()) return Object(object, value.object(), depth + 1);
    if (!value.is_array()) {
      return Refuse(
          Fail("an object field requires an object, not a plain value", ErrorCode::kObjectField, object.path)
              .Got(object.field->name));
    }
    for (const Json& element : value.array()) TRINE_TRY(ObjectValue(object, element, depth));
    return Ok();
  }

  Status LeafValue(const PlannedField& leaf, const Json& value) {
    const Field& field = *leaf.field;
    if (value.is_null()) return field.null_value.is_null() ? Ok() : LeafValue(leaf, field.null_value);
    if (value.is_array() && field.type != FieldType::kKnnVector) {
      for (const Json& element : value.array()) TRINE_TRY(LeafValue(leaf, element));
      return Ok();
    }
    TRINE_TRY(Add(leaf, value));
    for (const std::unique_ptr<PlannedField>& sub : leaf.multi) TRINE_TRY(Add(*sub, value));
    if (!copying_) {
      for (const std::string& target : field.copy_to) copies_.emplace_back(target, &value);
    }
    return Ok();
  }

  Status Add(const PlannedField& leaf, const Json& value) {
    if (leaf.broken) {
      Error error = LeafError(leaf, value, *leaf.broken);
      if (!stored_) return error;
      if (!out_.incomplete) out_.incomplete = std::move(error);
      return Ok();
    }
    const Status added = sink_.Add(leaf, value);
    return added.ok() ? Ok() : Refuse(LeafError(leaf, value, added.error()));
  }

  Error Strict(const PlannedField& object, const std::string& name) const {
    return Fail("the strict mapping has no field with this name", ErrorCode::kStrictMapping,
                object.path.empty() ? name : object.path + "." + name)
        .Detail("name", name)
        .Detail("parent", object.path);
  }

  // Handles a member that the mapping does not define, as the `dynamic` setting of its object says.
  Status Unknown(const PlannedField& object, const std::string& name, const Json& value, size_t depth) {
    if (stored_ || object.dynamic == Dynamic::kFalse) return Ok();
    if (object.dynamic == Dynamic::kStrict) return Strict(object, name);
    if (value.is_null()) return Ok();
    if (value.is_array()) {
      for (const Json& element : value.array()) TRINE_TRY(Member(object, name, element, depth));
      return Ok();
    }
    TRINE_ASSIGN(const PlannedField* child, Grow(object, name, value));
    return child->is_object() ? ObjectValue(*child, value, depth) : LeafValue(*child, value);
  }

  Result<const PlannedField*> Grow(const PlannedField& object, const std::string& name, const Json& value) {
    if (const size_t most = limits_.fields; grown_.size() >= most) {
      return Error(ErrorCode::kMappingFieldLimit, "the mapping would have too many fields")
          .Expected("at most " + std::to_string(most))
          .Detail("limit", std::to_string(most));
    }
    std::optional<Field> inferred = InferField(name, value, collection_.mapping.date_detection);
    TRINE_CHECK(inferred.has_value());
    GrownField grown;
    grown.field = std::make_unique<Field>(std::move(*inferred));
    TRINE_ASSIGN(grown.planned, planner_.Plan(*grown.field, object));
    for (std::string_view rest = object.path; !rest.empty();) {
      const size_t dot = std::min(rest.find('.'), rest.size());
      grown.ancestors.emplace_back(rest.substr(0, dot));
      rest.remove_prefix(std::min(dot + 1, rest.size()));
    }
    const auto [at, added] = grown_.emplace(grown.planned->path, std::move(grown));
    TRINE_CHECK(added);
    grown_order_.push_back(&at->second);
    return static_cast<const PlannedField*>(at->second.planned.get());
  }

  const bool stored_;
  const catalogue::Collection& collection_;
  const catalogue::MappingLimits limits_;
  Planner planner_;
  const PlannedField& root_;
  const std::string_view id_;
  MappedDocument& out_;
  FieldSink sink_;
  std::map<std::string, GrownField, std::less<>> grown_;
  std::vector<const GrownField*> grown_order_;
  std::vector<std::pair<std::string, const Json*>> copies_;
  bool copying_ = false;
};

bool FieldsCover(const std::vector<Field>& base, const std::vector<Field>& more) {
  for (const Field& wanted : more) {
    const auto at =
        std::find_if(base.begin(), base.end(), [&](const Field& f) { return f.name == wanted.name; });
    if (at == base.end() || at->type != wanted.type || at->format != wanted.format) return false;
    if (!FieldsCover(at->properties, wanted.properties)) return false;
    // The sub-fields must be the same too: a text field without a keyword sub-field, for example, does not
    // cover a dynamic text field, which has one.
    if (at->fields.size() != wanted.fields.size() || !FieldsCover(at->fields, wanted.fields)) return false;
    if (at->analyzer != wanted.analyzer || at->copy_to != wanted.copy_to) return false;
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const DocumentMapper>> DocumentMapper::Compile(catalogue::CollectionPtr collection,
                                                                      const analysis::Analyzers& analyzers) {
  std::shared_ptr<DocumentMapper> mapper(new DocumentMapper(std::move(collection), analyzers));
  Planner planner(*mapper->collection_, analyzers);
  TRINE_ASSIGN(mapper->root_, planner.PlanRoot());
  mapper->leaves_ = planner.leaves();
  return std::shared_ptr<const DocumentMapper>(std::move(mapper));
}

Result<MappedDocument> DocumentMapper::Map(std::string_view id, SeqNo seq_no, const Json& source) const {
  return MapAs(false, id, seq_no, source);
}

Result<MappedDocument> DocumentMapper::MapStored(std::string_view id, SeqNo seq_no,
                                                 const Json& source) const {
  return MapAs(true, id, seq_no, source);
}

Result<MappedDocument> DocumentMapper::MapAs(bool stored, std::string_view id, SeqNo seq_no,
                                             const Json& source) const {
  if (!source.is_object()) {
    return Error(ErrorCode::kNotAnObject, "a document must be an object")
        .Expected("object")
        .Got(std::string(source.type_name()));
  }
  MappedDocument mapped;
  mapped.document.seq_no = seq_no;
  mapped.document.id = id;
  TRINE_TRY(DocumentWalker(stored, *collection_, analyzers_, *root_, leaves_, id, &mapped).Map(source));
  return mapped;
}

bool MappingCovers(const Mapping& base, const Mapping& more) {
  return FieldsCover(base.properties, more.properties);
}

Result<MappedDocument> MapDocument(const catalogue::Collection& collection, std::string_view id, SeqNo seq_no,
                                   const Json& source, const analysis::Analyzers& analyzers) {
  const catalogue::CollectionPtr borrowed(std::shared_ptr<const void>(), &collection);
  TRINE_ASSIGN(const std::shared_ptr<const DocumentMapper> mapper,
               DocumentMapper::Compile(borrowed, analyzers));
  return mapper->Map(id, seq_no, source);
}

}  // namespace trine::operations
