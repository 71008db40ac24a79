#include "server/index_check.h"

#include <algorithm>
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
                           const std::function<void(const DamagedFile&)>& damaged) {
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
      if (!intact) damaged({name, segment.number, "the index file " + file + " has a wrong checksum"});
    }
  }
  return Ok();
}

IndexCheck::IndexCheck(std::string index_folder, uint64_t min_bytes, index::IndexSet& indexes,
                       operations::Writer& writer, Log& log)
    : folder_(std::move(index_folder)),
      min_bytes_(min_bytes),
      indexes_(indexes),
      writer_(writer),
      log_(log),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void IndexCheck::Run(const std::stop_token& stop) {
  constexpr std::chrono::seconds kLook{1}, kLongestWait{600};
  const Status done = CatchBadAlloc([&] { return VerifyOnce(stop); });
  if (!done.ok() && done.error().code != ErrorCode::kStopped)
    log_.Error("cannot verify the large index files: " + done.error().ToString());
  std::chrono::seconds wait = kLook;
  while (Pause(stop, wait)) {
    bool whole = false;
    static_cast<void>(CatchBadAlloc([&] { return whole = Repair(stop), Ok(); }).ok());
    wait = whole ? kLook : std::min(2 * wait, kLongestWait);
    TRINE_DCHECK_LE(wait.count(), kLongestWait.count());
  }
}

Status IndexCheck::VerifyOnce(const std::stop_token& stop) {
  const auto index = storage::OpenExistingDirectory(folder_);
  if (!index.ok()) return index.error().kind() == ErrorKind::kNotFound ? Ok() : Status(index.error());
  const auto pause = [&] { return Pause(stop, kPause); };
  return VerifyLargeSegments(**index, min_bytes_, pause, [&](const DamagedFile& file) {
    for (const auto& [id, open] : indexes_.All()) {
      if (file.folder == "c" + std::to_string(id.value)) open->MarkDamaged(file.number, file.what);
    }
    static_cast<void>(Repair(stop));  // if it fails, Run tries it again
  });
}

bool IndexCheck::AnyDamaged() const {
  return std::ranges::any_of(indexes_.All(),
                             [](const auto& open) { return open.second->damaged().has_value(); });
}

// Returns whether no damaged segment is left.
bool IndexCheck::Repair(const std::stop_token& stop) {
  if (!AnyDamaged()) return SetMark(false), true;
  SetMark(true);
  const bool whole = writer_.RepairIndexes([&] { return !stop.stop_requested(); });
  if (whole) SetMark(false);
  return whole;
}

void IndexCheck::SetMark(bool present) {
  if (present == marked_) return;
  const auto set = [&]() -> Status {
    TRINE_ASSIGN(const auto index, storage::OpenExistingDirectory(folder_));
    return present ? storage::WriteFileAtomically(*index, kVerifyAllMark, "") : index->Remove(kVerifyAllMark);
  };
  const Status done = set();
  marked_ = present && done.ok();
  if (done.ok()) return;
  log_.Warning(present ? "cannot mark the damaged index for the next start: " + done.error().ToString()
                       : "every index file is verified at the next start: " + done.error().ToString());
}

}  // namespace trine::server
