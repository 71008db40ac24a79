// The Amazon Personalize API: control plane (AWS JSON 1.1), runtime and events (REST-JSON).
#pragma once

#include <cstdint>
#include <string>

#include "api/personalize/id_maker.h"
#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "formation/search_service.h"
#include "history/history.h"
#include "net/http.h"
#include "operations/jobs/jobs.h"
#include "operations/write/writer.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"

namespace trine::api::personalize {

// Everything the API calls into. All referenced objects outlive the Api.
struct Dependencies {
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
  std::string region = "us-east-1";  // for requests that are not signed for a region
  bool strict_limits = false;        // enforce the quotas and data minimums of Personalize
};

// The three endpoints of the service, which share one port here.
enum class Endpoint : uint8_t { kControl, kRuntime, kEvents };

// Thread-safe.
class Api {
 public:
  explicit Api(Dependencies deps);

  // Whether this is a POST to / with an X-Amz-Target header, or to a path of the runtime or events endpoint
  // (/recommendations, /personalize-ranking, /events, /items, /users ...).
  bool Owns(const net::Request& head) const;
  // Pool, access and body limit of a request, by its path alone.
  net::RequestPlan Plan(const net::Request& head) const;
  // Requires Owns(request) and a caller who was admitted. Every failure becomes an error response.
  net::Response Handle(const net::Request& request);

 private:
  Result<format::Json> Answer(const net::Request& request, Endpoint endpoint);

  const Dependencies deps_;
  IdMaker ids_;
};

// The resource path of an ARN ("arn:aws:personalize:R:A:campaign/NAME" -> "NAME"); its region and account do
// not matter. A text that is not an ARN is returned unchanged. For ARNs in requests of other APIs.
std::string PathOfArn(std::string_view arn);

// An error as Personalize clients expect it: __type, x-amzn-errortype, message and request id. `status` 0:
// the status that belongs to the error; otherwise the given one, for refusals by the HTTP server.
net::Response ErrorResponse(const Error& error, const std::string& request_id, int status = 0);

}  // namespace trine::api::personalize
