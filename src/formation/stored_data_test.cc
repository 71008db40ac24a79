// Runs every decoder of stored data on damaged bytes and on other format versions. Each error must satisfy
// IsServerFailure, so that no API blames the caller.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "catalogue/definition_codec.h"
#include "catalogue/record_codec.h"
#include "history/event_codec.h"
#include "history/group_meta.h"
#include "index/live_bits.h"
#include "index/manifest.h"
#include "index/segment.h"
#include "recommend/model/section_file.h"
#include "recommend/model/trained_model.h"
#include "recommend/train/spec_codec.h"

namespace trine::formation {
namespace {

template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.ok() ? Ok() : Status(result.error());
}

TEST(StoredData, DecodersReportDamageAsServerFailure) {
  const std::pair<const char*, std::function<Status(std::string_view)>> decoders[] = {
      {"collection", [](std::string_view bytes) { return StatusOf(catalogue::DecodeCollection(bytes)); }},
      {"binding", [](std::string_view bytes) { return StatusOf(catalogue::DecodeBinding(bytes)); }},
      {"record", [](std::string_view bytes) { return StatusOf(catalogue::DecodeRecord(SeqNo{0}, bytes)); }},
      {"id entry", [](std::string_view bytes) { return StatusOf(catalogue::DecodeIdEntry(bytes)); }},
      {"event", [](std::string_view bytes) { return StatusOf(history::DecodeEvent(bytes)); }},
      {"group summary", [](std::string_view bytes) { return StatusOf(history::GroupMeta::Decode(bytes)); }},
      {"manifest", [](std::string_view bytes) { return StatusOf(index::DecodeManifest(bytes)); }},
      {"live bits", [](std::string_view bytes) { return StatusOf(index::DecodeLiveBits(bytes, 3)); }},
      {"segment",
       [](std::string_view bytes) { return StatusOf(index::Segment::OpenHeap(std::string(bytes), "s")); }},
      {"section file",
       [](std::string_view bytes) { return StatusOf(recommend::SectionFile::Open(bytes, 1)); }},
      {"model", [](std::string_view bytes) { return StatusOf(recommend::TrainedModel::Open(bytes)); }},
      {"training specification", [](std::string_view bytes) { return StatusOf(recommend::ReadSpec(bytes)); }},
  };
  const std::string inputs[] = {"",
                                "{",
                                "{}",
                                "[]",
                                "null",
                                "1",
                                "trine",
                                std::string(1, '\0'),
                                std::string(1, '\1'),
                                std::string(1, '\2'),
                                std::string(64, '\0'),
                                std::string(64, '\xff'),
                                R"({"version":1})",
                                R"({"version":2})",
                                R"({"version":"1"})",
                                std::string(300, '[')};
  for (const auto& [name, decode] : decoders) {
    for (const std::string& input : inputs) {
      const Status status = decode(input);
      ASSERT_FALSE(status.ok()) << name << ": " << input;
      EXPECT_TRUE(IsServerFailure(status.error().kind()))
          << name << ": " << input << ": " << status.error().ToString();
    }
  }
}

}  // namespace
}  // namespace trine::formation
