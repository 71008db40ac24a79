#include "server/facts_comparison.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "history/history.h"
#include "index/live_bits.h"
#include "index/manifest.h"
#include "index/segment.h"
#include "index/segment_format.h"
#include "operations/write/foreign_index.h"
#include "recommend/recipe/resources.h"
#include "recommend/recommender.h"

namespace trine::server {
namespace {

using Segments = std::vector<std::shared_ptr<const index::SegmentReader>>;

// The number in a name such as "c12"; nullopt for other names.
std::optional<uint32_t> NumberAfter(std::string_view prefix, const std::string& name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  uint32_t number = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + prefix.size(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

// Opens a segment without verifying its body. nullptr if it cannot be used, or is not the one that the
// manifest lists: then it says nothing about the facts.
std::shared_ptr<const index::SegmentReader> OpenSegment(storage::Directory& folder,
                                                        const index::ManifestSegment& named) {
  auto bytes = folder.Open(index::SegmentFileName(named.number));
  if (!bytes.ok()) return nullptr;
  const auto checksum = index::ReadBodyChecksum((*bytes)->bytes());
  if (!checksum.ok() || checksum->crc != named.body_crc) return nullptr;
  auto segment = index::Segment::Open(std::move(bytes).value(), "_" + std::to_string(named.number));
  if (!segment.ok()) return nullptr;
  index::LiveBitsPtr live;
  if (named.live_number != 0) {
    const auto file = folder.Open(index::LiveFileName(named.number, named.live_number));
    if (!file.ok()) return nullptr;
    auto decoded = index::DecodeLiveBits((*file)->bytes(), (*segment)->rows());
    if (!decoded.ok()) return nullptr;
    live = std::move(decoded).value();
  }
  return std::make_shared<index::SegmentView>(std::move(segment).value(), std::move(live));
}

Segments OpenSegments(storage::Directory& folder, const index::Manifest& manifest) {
  Segments segments;
  for (const index::ManifestSegment& named : manifest.segments) {
    if (auto segment = OpenSegment(folder, named); segment != nullptr) segments.push_back(std::move(segment));
  }
  return segments;
}

// Calls `add` with each finding about the indexes.
Status CompareIndexes(DataDirectory& directory, const std::function<void(std::string)>& add) {
  TRINE_ASSIGN(const auto catalogue, catalogue::OpenCatalogue(*directory.facts, SystemClock(), NullLog()));
  TRINE_ASSIGN(const auto records, catalogue::OpenRecordStore(*directory.facts, NullLog()));
  const auto index = storage::OpenExistingDirectory(directory.root->path() + "/index");
  if (!index.ok()) return Ok();
  TRINE_ASSIGN(const std::vector<std::string> names, (*index)->ListFolders());
  for (const std::string& name : names) {
    const auto number = NumberAfter("c", name);
    if (!number) continue;
    const CollectionId id{*number};
    const catalogue::CollectionPtr collection = catalogue->Get(id);
    if (collection == nullptr) {
      // A smaller number was dropped, and the next start removes its index.
      if (id >= catalogue->NextId()) add(operations::LostCollection(id));
      continue;
    }
    const auto folder = storage::OpenExistingDirectory((*index)->path() + "/" + name);
    if (!folder.ok()) continue;
    const auto bytes = (*folder)->Open(index::kManifestName);
    if (!bytes.ok()) continue;
    const auto manifest = index::DecodeManifest((*bytes)->bytes());
    if (!manifest.ok()) continue;
    const auto why = operations::FindForeignIndex(*records, {id, collection->name},
                                                  std::max(manifest->durable, manifest->add_end),
                                                  OpenSegments(**folder, *manifest));
    if (why) add(why->ToString());
  }
  return Ok();
}

Status CompareCounters(DataDirectory& directory, const std::function<void(std::string)>& add) {
  TRINE_ASSIGN(const auto resources,
               recommend::ResourceStore::Open(*directory.facts, SystemClock(), NullLog()));
  TRINE_ASSIGN(const auto history, history::History::Open(*directory.facts, NullLog()));
  const auto models = storage::OpenExistingDirectory(directory.root->path() + "/models");
  if (!models.ok()) return Ok();
  TRINE_ASSIGN(const std::vector<std::string> names, (*models)->List());
  for (const std::string& name : names) {
    const auto number = NumberAfter("counters-", name);
    // The checkpoint of a group that is being deleted is of no use.
    if (!number || !resources->GroupOf(GroupId{*number})) continue;
    if (auto lost = recommend::FindLostEvents(**models, name, *history)) add(*std::move(lost));
  }
  return Ok();
}

}  // namespace

Result<std::vector<std::string>> FindFilesAheadOfFacts(DataDirectory& directory) {
  TRINE_CHECK(directory.facts != nullptr);
  std::vector<std::string> found;
  const auto add = [&found](std::string what) { found.push_back(std::move(what)); };
  TRINE_TRY(CompareIndexes(directory, add));
  TRINE_TRY(CompareCounters(directory, add));
  return found;
}

}  // namespace trine::server
