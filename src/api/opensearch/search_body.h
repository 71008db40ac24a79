// The body and the URL parameters of a search, to the domain's own request.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/opensearch/call.h"
#include "api/opensearch/path_filter.h"
#include "base/result.h"
#include "format/json.h"
#include "formation/search_service.h"
#include "search/search.h"

namespace trine::api::opensearch {

// What a search asks for. Plain data.
struct SearchAsk {
  search::SearchRequest request;
  std::optional<std::string> pipeline;  // empty text: none at all ("_none")
  std::shared_ptr<const formation::SearchPipeline> inline_pipeline;
  std::optional<formation::Person> person;
  SourceFilter source;
  bool version = false, seq_no = false, ledger = false;
  bool show_total = true, total_as_int = false;
  std::optional<int64_t> timeout_ms;
};

// The members of a search body; null Json: none. Errors as the original's parser makes them; what it
// knows and this engine does not yet is named. Thread-safe.
Result<SearchAsk> ParseSearchBody(const format::Json& body);
// The URL's say, which wins over the body's.
Status ApplySearchParameters(const Call& call, SearchAsk* ask);

// [{"price": "desc"}, "_score", {"at": {"order": "asc", "missing": "_first"}}]
Result<std::vector<search::SortKey>> ParseSort(const format::Json& given);
// {"user_id": "u", "context": {"DEVICE": "mobile"}}
Result<formation::Person> ParsePerson(const format::Json& given);

}  // namespace trine::api::opensearch
