// Filters that keep parts of a JSON value by path patterns: `_source` includes and excludes, and
// "filter_path" on whole answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/opensearch/request/call.h"
#include "base/result.h"
#include "format/json.h"

namespace trine::api::opensearch {

// The members of a document's source that go into an answer. Immutable once set, then thread-safe.
struct SourceFilter {
  bool fetch = true;                            // false: no source at all
  std::vector<std::string> includes, excludes;  // patterns over dotted paths; '*' crosses dots

  bool KeepsAll() const { return fetch && includes.empty() && excludes.empty(); }
  // A pattern keeps (or drops) the members that it matches, with everything below them. Objects that become
  // empty are left out.
  format::Json Apply(const format::Json& source) const;
};

// The body form of _source: false, true, "a.*", ["a", "b"], {"includes": [...], "excludes": [...]}.
Result<SourceFilter> ParseSourceFilter(const format::Json& given, std::string_view where);

// The parameters _source, _source_includes and _source_excludes; nullopt when none of them is given.
Result<std::optional<SourceFilter>> SourceParameters(const Call& call);

// "filter_path": "hits.hits._id,-hits.hits._source"; '*' is one whole or partial name, "**" any depth.
format::Json FilterPath(const format::Json& body, const std::vector<std::string>& patterns);

}  // namespace trine::api::opensearch
