// Parses the body and the URL parameters of a search into the request of the search floor.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/opensearch/request/call.h"
#include "api/opensearch/request/path_filter.h"
#include "base/result.h"
#include "format/json.h"
#include "formation/search_service.h"
#include "search/search.h"

namespace trine::api::opensearch {

// A parsed search. Plain data.
struct ParsedSearch {
  search::SearchRequest request;
  std::optional<std::string> pipeline;  // empty: no pipeline ("_none"); nullopt: the default
  std::shared_ptr<const formation::SearchPipeline> inline_pipeline;
  std::optional<formation::Person> person;
  SourceFilter source;
  bool version = false, seq_no = false, ledger = false;
  bool show_total = true, total_as_int = false;
  std::optional<int64_t> timeout_ms;
};

// Parses the members of a search body; null parses as an empty body. Errors have the texts of OpenSearch's
// parser; kUnsupported names members that are not implemented. Thread-safe.
Result<ParsedSearch> ParseSearchBody(const format::Json& body);
// Applies the URL parameters, which override the body.
Status ApplySearchParameters(const Call& call, ParsedSearch* ask);

// [{"price": "desc"}, "_score", {"at": {"order": "asc", "missing": "_first"}}]
Result<std::vector<search::SortKey>> ParseSort(const format::Json& given);
// {"user_id": "u", "context": {"DEVICE": "mobile"}}
Result<formation::Person> ParsePerson(const format::Json& given);

}  // namespace trine::api::opensearch
