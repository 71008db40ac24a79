#include "api/opensearch/errors/search_error_text.h"

namespace trine::api::opensearch {
namespace {

std::string Detail(const Error& error, std::string_view name) { return std::string(error.DetailOf(name)); }

std::optional<std::string> HybridReason(const Error& error) {
  const std::string_view position = error.DetailOf("position");
  if (position == "below_top")
    return "hybrid query must be a top level query and cannot be wrapped into other queries";
  if (position == "sub_query") return "hybrid query cannot be nested in another hybrid query";
  if (error.where == "track_scores")
    return "Hybrid search results when sorted by any field, docId or _id, track_scores must be set to false.";
  return std::nullopt;
}

std::optional<std::string> FieldTypeReason(const Error& error) {
  if (error.DetailOf("function") == "field_value_factor")
    return "Unable to find a field mapper for field [" + error.where + "]. No [missing] value defined.";
  const std::string type = Detail(error, "type");
  if (type.empty()) return std::nullopt;
  std::string reason = "field [" + error.where + "] of type [" + type + "] cannot be searched this way";
  if (reason.find(error.expected) == std::string::npos) reason += ", expected " + error.expected;
  if (reason.find(error.got) == std::string::npos) reason += ", got " + error.got;
  return reason;
}

std::optional<std::string> SortFieldReason(const Error& error) {
  if (error.DetailOf("type") == "text") {
    return "Text fields are not optimised for operations that require per-document field data like "
           "aggregations "
           "and sorting, so these operations are disabled by default. Please use a keyword field instead. "
           "Field: "
           "[" +
           error.where + "]";
  }
  if (const std::string type = Detail(error, "type"); !type.empty())
    return "Can't load fielddata on [" + error.where +
           "] because fielddata is unsupported on fields of type [" + type + "]. Use doc values instead.";
  return std::nullopt;
}

std::optional<std::string> SearchAfterReason(const Error& error) {
  if (!error.DetailOf("from").empty()) return "`from` parameter must be set to 0 when `search_after` is used";
  const std::string keys = Detail(error, "sort_keys");
  if (!keys.empty()) return "search_after has " + error.got + " value(s) but sort has " + keys + ".";
  return std::nullopt;
}

std::optional<std::string> InvalidQueryReason(const Error& error) {
  if (!error.DetailOf("empty_id").empty()) return "Ids can't be empty";
  if (const std::string field = Detail(error, "missing_value"); !field.empty())
    return "Missing value for field [" + field + "]";
  if (const std::string value = Detail(error, "field_value"); !value.empty()) {
    return "field value function must not produce negative scores, but got: [" + error.got +
           "] for field value: [" + value + "]";
  }
  if (const std::string score = Detail(error, "score"); !score.empty())
    return "function score query returned an invalid score: " + score;
  return std::nullopt;
}

std::optional<std::string> FusionReason(const Error& error) {
  if (const std::string most = Detail(error, "maximum"); !most.empty())
    return error.where + " size " + error.got + " should be less than or equal to " + most;
  if (!error.DetailOf("range").empty())
    return "all weights must be in range [0.0 ... 1.0], submitted weights: " + error.got;
  if (!error.DetailOf("sum").empty())
    return "sum of weights for combination must be equal to 1.0, submitted weights: " + error.got;
  const std::string count = Detail(error, "sub_queries");
  if (count.empty()) return std::nullopt;
  if (error.where == "weights") {
    return "number of weights [" + error.got + "] must match number of sub-queries [" + count +
           "] in hybrid query";
  }
  return "expected " + std::string(error.where == "lower_bounds" ? "lower" : "upper") +
         " bounds array to contain " + count +
         " elements matching the number of sub-queries, but found a mismatch";
}

}  // namespace

std::optional<std::string> SearchErrorText(const Error& error) {
  // If a sort value is an invalid date, `error.code` is the code of sort errors, and `error.cause` is the
  // date error. OpenSearch reports the date error.
  if (error.cause != nullptr && error.cause->code == ErrorCode::kDateSyntax)
    return SearchErrorText(*error.cause);
  switch (error.code) {
    case ErrorCode::kTooManyTerms:
      return "the number of terms [" + error.got +
             "] used in the terms query has exceeded the allowed maximum of [" + Detail(error, "maximum") +
             "]";
    case ErrorCode::kResultWindow:
      return "Result window is too large, from + size must be less than or equal to: [" +
             Detail(error, "maximum") + "] but was [" + error.got + "]";
    case ErrorCode::kDateSyntax:
      return "failed to parse date field [" + error.got + "] with format [" + Detail(error, "format") + "]";
    case ErrorCode::kUnmappedSortField:
      return "No mapping found for [" + error.where + "] in order to sort on";
    case ErrorCode::kVectorDimension:
      return "Query vector has invalid dimension: " + error.got + ". Dimension should be: " + error.expected;
    case ErrorCode::kZeroVector:
      return "zero vector is not supported when space type is [cosinesimil]";
    case ErrorCode::kHybridQuery:
      return HybridReason(error);
    case ErrorCode::kFieldType:
      return FieldTypeReason(error);
    case ErrorCode::kUnsortableField:
      return SortFieldReason(error);
    case ErrorCode::kSearchAfter:
      return SearchAfterReason(error);
    case ErrorCode::kInvalidQuery:
      return InvalidQueryReason(error);
    case ErrorCode::kFusion:
      return FusionReason(error);
    default:
      return std::nullopt;
  }
}

}  // namespace trine::api::opensearch
