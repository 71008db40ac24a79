#include "api/opensearch/json/bulk_body.h"

#include <algorithm>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/write_json.h"
#include "api/opensearch/request/body_reader.h"
#include "base/text.h"
#include "format/json.h"
#include "format/strict_json.h"
#include "format/text.h"

namespace trine::api::opensearch {
namespace {

using format::Json;
using operations::WriteOp;

constexpr size_t kMaxItems = 1'000'000;  // bounds memory: even the shortest item takes a few hundred bytes

class BulkReader {
 public:
  BulkReader(std::string_view body, const BulkDefaults& defaults) : rest_(body), defaults_(defaults) {}

  Result<std::vector<BulkItem>> Read() {
    if (IsBlank(rest_)) return Error(ErrorCode::kDefinitionSyntax, "request body is required");
    if (rest_.back() != '\n')
      return IllegalArgument("The bulk request must be terminated by a newline [\\n]");
    std::vector<BulkItem> items;
    while (const auto line = Next()) {
      if (IsBlank(*line, " \t")) continue;
      if (items.size() >= kMaxItems)
        return Error(ErrorCode::kLimit, "the bulk request has too many actions")
            .Expected("at most " + std::to_string(kMaxItems));
      TRINE_ASSIGN(BulkItem item, ReadItem(*line));
      items.push_back(std::move(item));
    }
    if (items.empty()) return RequestValidation("no requests added");
    return items;
  }

 private:
  std::optional<std::string_view> Next() {
    ++line_;
    return format::NextLine(&rest_);
  }
  Error MalformedLine(const std::string& what) const {
    return IllegalArgument("Malformed action/metadata line [" + std::to_string(line_) + "], " + what);
  }

  Result<BulkItem> ReadItem(std::string_view line) {
    auto parsed = format::ParseStrictJson(line);
    if (!parsed.ok()) {
      Error error = std::move(parsed).error();
      error.message = "Malformed action/metadata line [" + std::to_string(line_) + "]: " + error.message;
      return error;
    }
    if (!parsed->is_object())
      return MalformedLine("expected START_OBJECT but found [" + TokenName(*parsed) + "]");
    if (parsed->object().empty()) return MalformedLine("expected FIELD_NAME but found [END_OBJECT]");
    const auto& [name, metadata] = parsed->object()[0];
    BulkItem item;
    if (name == "index")
      item.op.kind = WriteOp::Kind::kIndex;
    else if (name == "create")
      item.op.kind = WriteOp::Kind::kCreate;
    else if (name == "update")
      item.op.kind = WriteOp::Kind::kUpdate;
    else if (name == "delete")
      item.op.kind = WriteOp::Kind::kDelete;
    else
      return MalformedLine("expected one of [create, delete, index, update] but found [" + name + "]");
    if (parsed->object().size() > 1) return MalformedLine("expected END_OBJECT but found [FIELD_NAME]");
    if (!metadata.is_object())
      return MalformedLine("expected START_OBJECT but found [" + TokenName(metadata) + "]");
    TRINE_TRY(ReadMetadata(metadata, &item));
    if (item.op.kind != WriteOp::Kind::kDelete) TRINE_TRY(ReadSource(&item));
    return item;
  }

  Status ReadMetadata(const Json& metadata, BulkItem* item) {
    WriteOp& op = item->op;
    op.collection = defaults_.index;
    op.routing = defaults_.routing;
    op.require_alias = defaults_.require_alias;
    if (op.kind == WriteOp::Kind::kUpdate) item->source = defaults_.source;
    WriteOptions options;
    std::string pipeline = defaults_.pipeline;
    for (const auto& [key, value] : metadata.object())
      TRINE_TRY(ReadMember(key, value, item, &options, &pipeline));
    if (op.collection.empty()) return RequestValidation("index is missing");
    if (op.id.empty() && (op.kind == WriteOp::Kind::kUpdate || op.kind == WriteOp::Kind::kDelete))
      return RequestValidation("id is missing");
    if (Status applied = ApplyOptions(options, &op); !applied.ok()) return applied;
    if (!pipeline.empty() && pipeline != "_none")
      item->refused = IllegalArgument("pipeline with id [" + pipeline + "] does not exist");
    return Ok();
  }

  Status ReadMember(const std::string& key, const Json& value, BulkItem* item, WriteOptions* options,
                    std::string* pipeline) {
    WriteOp& op = item->op;
    if (value.is_null()) return Ok();
    if (key == "_source" && op.kind == WriteOp::Kind::kUpdate) {
      TRINE_ASSIGN(SourceFilter filter, ParseSourceFilter(value, "_source"));
      if (filter.fetch)
        item->source = std::move(filter);
      else
        item->source.reset();
      return Ok();
    }
    if (value.is_object() || value.is_array())
      return MalformedLine("expected a simple value for field [" + key + "] but found [" + TokenName(value) +
                           "]");
    if (key == "_index") return op.collection = ScalarText(value), Ok();
    if (key == "_id") {
      op.id = ScalarText(value);
      if (op.id.empty()) item->refused = IllegalArgument("if _id is specified it must not be empty");
      return Ok();
    }
    if (key == "routing" || key == "_routing") return op.routing = ScalarText(value), Ok();
    if (key == "pipeline") return *pipeline = ScalarText(value), Ok();
    if (key == "version_type") return options->version_type = ScalarText(value), Ok();
    if (key == "op_type") {
      const std::string type = ScalarText(value);
      if (op.kind != WriteOp::Kind::kIndex || (type != "index" && type != "create"))
        return MalformedLine("[op_type] cannot be [" + type + "] here");
      if (type == "create") op.kind = WriteOp::Kind::kCreate;
      return Ok();
    }
    if (key == "require_alias") {
      const std::string text = ScalarText(value);
      if (text != "true" && text != "false") return MalformedLine("[require_alias] must be true or false");
      return op.require_alias = text == "true", Ok();
    }
    return ReadNumber(key, value, item, options);
  }

  Status ReadNumber(const std::string& key, const Json& value, BulkItem* item, WriteOptions* options) {
    const auto number =
        value.is_int() ? std::optional<int64_t>(value.integer()) : format::ParseInt(ScalarText(value));
    std::optional<int64_t>* slot = key == "if_seq_no"         ? &options->if_seq_no
                                   : key == "if_primary_term" ? &options->if_primary_term
                                   : key == "version"         ? &options->version
                                                              : nullptr;
    if (slot == nullptr && key != "retry_on_conflict")
      return IllegalArgument("Action/metadata line [" + std::to_string(line_) +
                             "] contains an unknown parameter [" + key + "]");
    if (!number) return MalformedLine("expected a number for field [" + key + "]");
    if (slot != nullptr)
      *slot = *number;
    else
      item->op.retry_on_conflict = static_cast<int>(std::clamp<int64_t>(*number, 0, 100));
    return Ok();
  }

  Status ReadSource(BulkItem* item) {
    const size_t action_line = line_;
    const auto line = Next();
    if (!line)
      return IllegalArgument("Malformed action/metadata line [" + std::to_string(action_line) +
                             "], expected a document on the next line");
    if (item->op.kind != WriteOp::Kind::kUpdate) {
      item->op.source = std::string(*line);
      return Ok();
    }
    TRINE_ASSIGN(const Json body, format::ParseStrictJson(*line));
    if (!body.is_object())
      return ParsingError("[UpdateRequest] Expected START_OBJECT but was: " + TokenName(body), "");
    return ApplyUpdateBody(body, &item->op, &item->source);
  }

  std::string_view rest_;
  const BulkDefaults& defaults_;
  size_t line_ = 0;
};

}  // namespace

std::string_view ActionName(WriteOp::Kind kind) {
  switch (kind) {
    case WriteOp::Kind::kIndex:
      return "index";
    case WriteOp::Kind::kCreate:
      return "create";
    case WriteOp::Kind::kUpdate:
      return "update";
    case WriteOp::Kind::kDelete:
      return "delete";
  }
  return "";
}

Result<std::vector<BulkItem>> ParseBulk(std::string_view body, const BulkDefaults& defaults) {
  return BulkReader(body, defaults).Read();
}

}  // namespace trine::api::opensearch
