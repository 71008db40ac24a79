#include "server/index_check.h"

#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/memory_budget.h"
#include "index/index_options.h"
#include "index/manifest.h"
#include "index/segment_format.h"
#include "server/pause.h"

namespace trine::server {
namespace {

constexpr size_t kPartBytes = 2u << 20;
constexpr auto kPause = std::chrono::milliseconds(20);

// Returns whether the checksum is right, or kStopped.
Result<bool> VerifyBody(std::string_view segment, const std::function<bool()>& pause) {
  const auto stored = index::ReadBodyChecksum(segment);
  if (!stored.ok()) return false;
  uint32_t crc = 0;
  for (size_t at = 0; at < stored->body.size(); at += kPartBytes) {
    crc = storage::Crc32c(stored->body.substr(at, kPartBytes), crc);
    if (!pause()) return Error(ErrorCode::kStopped, "the verification of index files was stopped");
  }
  return crc == stored->crc;
}

}  // namespace

Status VerifyLargeSegments(storage::Directory& index, uint64_t min_bytes, const std::function<bool()>& pause,
                           const std::function<void(const std::string&)>& damaged) {
  TRINE_CHECK(pause != nullptr);
  TRINE_CHECK(damaged != nullptr);
  TRINE_ASSIGN(const auto names, index.ListFolders());
  for (const std::string& name : names) {
    TRINE_ASSIGN(const auto folder, index.Folder(name));
    const auto bytes = folder->Open(index::kManifestName);
    if (!bytes.ok()) continue;  // not written yet, or dropped
    const auto manifest = index::DecodeManifest((*bytes)->bytes());
    if (!manifest.ok()) continue;  // opening the index reports it
    for (const index::ManifestSegment& segment : manifest->segments) {
      if (segment.bytes <= min_bytes) continue;
      const std::string file = index::SegmentFileName(segment.number);
      const auto mapped = folder->Open(file);
      if (!mapped.ok()) continue;
      TRINE_ASSIGN(const bool intact, VerifyBody((*mapped)->bytes(), pause));
      if (!intact) damaged("the index file index/" + name + "/" + file + " has a wrong checksum");
    }
  }
  return Ok();
}

IndexCheck::IndexCheck(std::string index_folder, storage::StoreHealth& health, Log& log)
    : thread_([folder = std::move(index_folder), &health, &log](const std::stop_token& stop) {
        const auto pause = [&] { return Pause(stop, kPause); };
        const auto index = storage::OpenExistingDirectory(folder);
        if (!index.ok()) return;  // nothing is stored yet
        const auto damaged = [&](const std::string& what) {
          health.Damaged(what + "; searches of this index may be wrong until the next start builds it again");
          const Status marked = storage::WriteFileAtomically(**index, kVerifyAllMark, "");
          if (!marked.ok()) log.Error("cannot mark the damaged index: " + marked.error().ToString());
        };
        const Status done = CatchBadAlloc(
            [&] { return VerifyLargeSegments(**index, index::IndexOptions().verify_bytes, pause, damaged); });
        if (!done.ok() && done.error().code != ErrorCode::kStopped)
          log.Error("cannot verify the large index files: " + done.error().ToString());
      }) {}

}  // namespace trine::server
