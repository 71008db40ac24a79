// Fuzzes the bodies of searches, pipelines, mappings and settings; the first byte chooses the kind. The body
// of an error must be JSON, and accepted mappings and settings must not change when they are printed and
// parsed again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/json/mapping_json.h"
#include "api/opensearch/json/pipeline_json.h"
#include "api/opensearch/json/search_body.h"
#include "api/opensearch/json/settings_json.h"
#include "api/opensearch/request/path_filter.h"

namespace {

namespace os = trine::api::opensearch;
using trine::format::Json;

void CheckError(const trine::Error& error) {
  const std::string body = trine::format::ToString(os::ErrorBody(os::ToWire(error)));
  if (!trine::format::ParseJson(body, {512, SIZE_MAX}).ok()) std::abort();
}

const trine::analysis::Analyzers& Analyzers() {
  static const auto kAnalyzers = std::move(trine::analysis::NewAnalyzers({})).value();
  return *kAnalyzers;
}

void Mapping(const Json& json) {
  const auto mapping = os::ParseMapping(json, {}, Analyzers());
  if (!mapping.ok()) return CheckError(mapping.error());
  const Json printed = os::PrintMapping(*mapping);
  const auto again = os::ParseMapping(printed, {}, Analyzers());
  if (!again.ok() || !(os::PrintMapping(*again) == printed)) std::abort();
}

void Settings(const Json& json) {
  const auto settings = os::ParseSettings(json, Analyzers());
  if (!settings.ok()) return CheckError(settings.error());
  const auto again = os::ParseSettings(settings->client_settings, Analyzers());
  if (!again.ok() || !(again->client_settings == settings->client_settings)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto json = trine::format::ParseJson(text);
  if (!json.ok() || !json->is_object()) return 0;
  switch (data[0]) {
    case 'p': {
      const auto pipeline = os::ParsePipeline("p", *json, false);
      if (!pipeline.ok()) CheckError(pipeline.error());
      break;
    }
    case 'm':
      Mapping(*json);
      break;
    case 's':
      Settings(*json);
      break;
    case 'f': {
      const auto filter = os::ParseSourceFilter(*json, "_source");
      if (filter.ok()) static_cast<void>(filter->Apply(*json));
      static_cast<void>(os::FilterPath(*json, {"**.a", "b.*", "-c"}));
      break;
    }
    default: {
      const auto ask = os::ParseSearchBody(*json);
      if (!ask.ok()) CheckError(ask.error());
    }
  }
  return 0;
}
