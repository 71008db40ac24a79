// Checkpoints of a group's counts. Layout: docs/formats/model.md, "Checkpoints".

#include "base/check.h"
#include "base/mutex.h"
#include "recommend/candidate/group_state.h"

namespace trine::recommend {
namespace {

// Section ids are stored on disk; never reuse a number. Statistics uses 100 and up.
enum Id : uint32_t { kHeader = 1, kItemOffsets = 2, kItemBytes = 3 };

struct CheckpointHeader {
  uint64_t group, epoch, position;  // position: the next event to fold
};
static_assert(sizeof(CheckpointHeader) == 24);

}  // namespace

GroupState::Checkpoint GroupState::Save() const {
  const ReaderLock lock(mutex_);
  SectionWriter writer(kFileKind);
  const std::vector<CheckpointHeader> header = {{group_.value, epoch_, position_.value}};
  writer.AddArray(kHeader, header);
  std::vector<std::string_view> ids;
  for (Item i = 0; i < items_.size(); ++i) ids.push_back(items_.Id(i));
  AddStrings(kItemOffsets, kItemBytes, ids, &writer);
  statistics_.Save(&writer);
  return {writer.Finish(), statistics_.folded()};
}

Status GroupState::Load(const SectionFile& file, EventSeq limit) {
  const WriterLock lock(mutex_);
  TRINE_CHECK_EQ(items_.size(), 0u);
  TRINE_CHECK_EQ(statistics_.folded(), 0u);
  TRINE_ASSIGN(const auto header, file.Array<CheckpointHeader>(kHeader));
  if (header.size() != 1 || header[0].group != group_.value || header[0].position == 0) {
    return SectionFile::Broken("the checkpoint header is invalid or belongs to another group");
  }
  if (header[0].position > limit.value) {
    dependencies_.history.health().Missing("group " + std::to_string(group_.value) +
                                           " has counted events up to " + std::to_string(header[0].position) +
                                           ", but only those up to " + std::to_string(limit.value) +
                                           " are stored");
  }
  if (header[0].epoch != dependencies_.history.Epoch(group_) || header[0].position > limit.value) {
    return Error(ErrorCode::kConflict, "the checkpoint does not match the event log");
  }
  TRINE_ASSIGN(const auto ids, StringSections::Read(file, kItemOffsets, kItemBytes));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (items_.Intern(ids[i]) != i) return SectionFile::Broken("an item id occurs twice");
  }
  TRINE_ASSIGN(statistics_, Statistics::Load(file, items_.size()));
  epoch_ = header[0].epoch;
  position_ = EventSeq{header[0].position};
  checkpointed_ = statistics_.folded();
  return Ok();
}

}  // namespace trine::recommend
