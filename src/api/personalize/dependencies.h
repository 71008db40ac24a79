// Dependencies: the objects of lower floors that the Personalize API uses.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "history/history.h"
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
  std::string region = "us-east-1";  // used if a request's signature names no region
  bool strict_limits = false;        // enforce the quotas and data minimums of Personalize
};

}  // namespace trine::api::personalize
