// The Amazon Personalize wires: control plane (AWS JSON 1.1), runtime and events (REST-JSON).
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/search_service.h"
#include "history/history.h"
#include "net/http.h"
#include "operations/jobs.h"
#include "operations/writer.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"

namespace trine::api::personalize {

// What the wire translates to; all outlive the Api.
struct Parts {
  recommend::ResourceStore& resources;
  recommend::Recommender& recommender;
  history::History& history;
  catalogue::Catalogue& catalogue;
  const catalogue::RecordStore& records;
  operations::Writer& writer;
  operations::Jobs& jobs;
  const Clock& clock;
  Log& log;
  std::string account_id = "123456789012";
  std::string region = "us-east-1";  // of callers that sign for none
  bool strict_limits = false;
};

// Thread-safe.
class Api {
 public:
  virtual ~Api() = default;
  // POST / with X-Amz-Target, /recommendations, /personalize-ranking, /events, /items, /users ...
  virtual bool Owns(const net::Request& head) const = 0;
  virtual net::Response Handle(const net::Request& request) = 0;
  virtual net::RequestPlan Plan(const net::Request& head) const = 0;
};
std::unique_ptr<Api> NewApi(Parts parts);

// The resource path of an ARN ("campaign/<name>" -> "<name>"), whatever its account and region; a text
// that is no ARN is taken as the path itself. For what other wires are given (search pipelines).
std::string PathOfArn(std::string_view arn);

// An error of ours in the AWS shape (__type, x-amzn-errortype, message, request id).
net::Response ErrorResponse(const Error& error, const std::string& request_id, int status = 0);

}  // namespace trine::api::personalize
