// Checkpoints of a group's counts. Layout: docs/formats/model.md, "Checkpoints".
#include "recommend/candidate/group_core.h"

namespace trine::recommend {
namespace {

// Section ids reach disk; never reuse a number. Statistics uses 100 and up.
enum Id : uint32_t { kWhere = 1, kItemOffsets = 2, kItemBytes = 3 };

struct Where {
  uint64_t group, epoch, position;
};

}  // namespace

std::string GroupCore::Save() const {
  SectionWriter writer(kFileKind);
  const std::vector<Where> where = {{group_.value, epoch_, position_.value}};
  writer.AddArray(kWhere, where);
  std::vector<std::string_view> ids;
  for (Item i = 0; i < items.size(); ++i) ids.push_back(items.Id(i));
  AddStrings(kItemOffsets, kItemBytes, ids, &writer);
  statistics.Save(&writer);
  return writer.Finish();
}

Status GroupCore::Load(const SectionFile& file) {
  TRINE_ASSIGN(const auto where, file.Array<Where>(kWhere));
  if (where.size() != 1 || where[0].group != group_.value || where[0].position == 0) {
    return SectionFile::Broken("it does not say where it stands");
  }
  if (where[0].epoch != sources_.history.Epoch(group_) ||
      where[0].position > sources_.history.NextSeq(group_).value) {
    return Error(ErrorCode::kConflict, "the checkpoint is of another state of the log");
  }
  TRINE_ASSIGN(const auto ids, StringSections::Read(file, kItemOffsets, kItemBytes));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (items.Intern(ids[i]) != i) return SectionFile::Broken("an item stands in it twice");
  }
  TRINE_ASSIGN(statistics, Statistics::Load(file, items.size()));
  epoch_ = where[0].epoch;
  position_ = EventSeq{where[0].position};
  checkpointed = statistics.folded();
  return Ok();
}

}  // namespace trine::recommend
