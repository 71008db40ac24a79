// Call: one request as an OpenSearch handler sees it (path variables, parameters, a JSON body). Answer: its
// result.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "format/json.h"
#include "net/http.h"

namespace trine::api::opensearch {

// A handler's answer: JSON text, or plain text for tables. Plain data.
struct Answer {
  int status = 200;
  std::string body;
  bool plain = false;   // text/plain
  bool pretty = false;  // whether to indent the body if the request has no parameter `pretty`
  std::string allow;    // the allowed methods, for a 405
  std::shared_ptr<const net::Wait> wait;  // what the answer waits for; nullptr: nothing
};
// Makes an answer from a JSON body. Numbers are printed as the JVM prints them.
Answer JsonAnswer(const format::Json& body, int status = 200);
// {"acknowledged":true}
Answer Acknowledged();

// Lives for one request, which must outlive it. Not thread-safe.
class Call {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  Call(const net::Request& request, Pairs variables, Pairs parameters)
      : request_(request), variables_(std::move(variables)), parameters_(std::move(parameters)) {}

  const net::Request& request() const { return request_; }
  const Deadline& deadline() const { return request_.deadline; }
  // A variable of the route's path; "" if the route has none of that name.
  const std::string& Variable(std::string_view name) const;
  const std::string* Parameter(std::string_view name) const;  // nullptr if absent; the last if repeated
  const Pairs& parameters() const { return parameters_; }
  std::string Text(std::string_view name, std::string_view otherwise = "") const;
  // Reads a boolean parameter: "" and "true" are true, "false" is false, any other text is kIllegalArgument.
  Result<bool> Flag(std::string_view name, bool otherwise) const;
  Result<std::optional<int64_t>> Int(std::string_view name) const;

  // Returns the body or, if it is empty, the `source` parameter; in both cases without a byte order mark.
  std::string_view BodyText() const;
  bool HasBody() const { return !BodyText().empty(); }
  // Returns the parsed body; null if there is none. Fails like ParseJson, or with kQuerySyntax if the body is
  // not an object.
  Result<format::Json> Body() const;
  // As Body(), but kDefinitionSyntax ("request body is required") if there is none.
  Result<format::Json> RequiredBody() const;

 private:
  const net::Request& request_;
  const Pairs variables_, parameters_;
};

// "5s", "100ms", "1m", "-1" in milliseconds; nullopt if it is not a duration. "0" and "-1" need no unit.
std::optional<int64_t> ParseDuration(std::string_view text);
// Splits a comma-separated list; empty pieces are skipped.
std::vector<std::string> SplitList(std::string_view text);

}  // namespace trine::api::opensearch
