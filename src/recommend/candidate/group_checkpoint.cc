// Checkpoints of a group's counts. Layout: docs/formats/model.md, "Checkpoints".

#include "base/check.h"
#include "base/mutex.h"
#include "recommend/candidate/group_state.h"

namespace trine::recommend {
namespace {

// Section ids are stored on disk; never reuse a number. Statistics uses 100 and up.
enum Id : uint32_t {
  kHeader = 1,
  kItemOffsets = 2,
  kItemBytes = 3,
  // kSelection + n: a section file of its own with the counters of one selection, for n below kMaxSelections.
  kSelection = 10,
  kSelectionText = 1,      // in that file
  kSelectionPosition = 2,  // in that file: the next event to fold
};
constexpr uint32_t kSelectionKind = 0x434c4553;  // "SELC"

format::Json OptionalNumber(const std::optional<double>& number) {
  return number ? format::Json(*number) : format::Json();
}

// {"threshold": number or null, "types": [[name, threshold or null, weight or null], ...]}
std::string EncodeSelection(const EventSelection& selection) {
  format::Json json;
  json.Set("threshold", OptionalNumber(selection.threshold));
  format::Json& types = json.Set("types", format::Json::Array{});
  for (const EventSelection::Type& type : selection.types)
    types.Push(format::Json::Array{type.name, OptionalNumber(type.threshold), OptionalNumber(type.weight)});
  return format::ToString(json);
}

Result<EventSelection> DecodeSelection(std::string_view text) {
  const auto broken = [] { return SectionFile::Broken("a selection cannot be decoded"); };
  const auto number = [](const format::Json& value, std::optional<double>* out) {
    if (value.is_number()) *out = value.number();
    return value.is_number() || value.is_null();
  };
  const auto json = format::ParseJson(text);
  const format::Json* threshold = json.ok() ? json->Find("threshold") : nullptr;
  const format::Json* types = json.ok() ? json->Find("types") : nullptr;
  EventSelection selection;
  if (threshold == nullptr || !number(*threshold, &selection.threshold) || types == nullptr ||
      !types->is_array()) {
    return broken();
  }
  for (const format::Json& entry : types->array()) {
    EventSelection::Type type;
    if (!entry.is_array() || entry.array().size() != 3 || !entry.array()[0].is_string() ||
        !number(entry.array()[1], &type.threshold) || !number(entry.array()[2], &type.weight)) {
      return broken();
    }
    type.name = entry.array()[0].string();
    selection.types.push_back(std::move(type));
  }
  return selection;
}

struct CheckpointHeader {
  uint64_t group, epoch, position;  // position: the next event to fold
};
static_assert(sizeof(CheckpointHeader) == 24);

}  // namespace

std::string LostEvents(GroupId group, EventSeq counted, EventSeq stored) {
  return "group " + std::to_string(group.value) + " has counted events up to " +
         std::to_string(counted.value) + ", but only those up to " + std::to_string(stored.value) +
         " are stored";
}

GroupState::Checkpoint GroupState::Save() const {
  const ReaderLock lock(mutex_);
  SectionWriter writer(kFileKind);
  const std::vector<CheckpointHeader> header = {{group_.value, epoch_, position_.value}};
  writer.AddArray(kHeader, header);
  std::vector<std::string_view> ids;
  for (Item i = 0; i < items_.size(); ++i) ids.push_back(items_.Id(i));
  AddStrings(kItemOffsets, kItemBytes, ids, &writer);
  statistics_.Save(&writer);
  uint32_t saved = 0;
  for (const auto& counters : selections_) {
    if (counters->reading) continue;
    SectionWriter inner(kSelectionKind);
    inner.Add(kSelectionText, EncodeSelection(counters->selection));
    inner.AddArray(kSelectionPosition, std::vector<uint64_t>{counters->position.value});
    counters->statistics.Save(&inner);
    writer.Add(kSelection + saved++, inner.Finish());
  }
  return {writer.Finish(), statistics_.folded(), saved};
}

// Adds the counters of one selection, if the checkpoint has this section.
Status GroupState::LoadSelection(const SectionFile& file, uint32_t id) {
  const auto bytes = file.Find(id);
  if (!bytes.ok()) return Ok();
  TRINE_ASSIGN(const SectionFile inner, SectionFile::Open(*bytes, kSelectionKind));
  TRINE_ASSIGN(const std::string_view text, inner.Find(kSelectionText));
  TRINE_ASSIGN(const auto position, inner.Array<uint64_t>(kSelectionPosition));
  if (position.size() != 1 || position[0] == 0 || position[0] > position_.value)
    return SectionFile::Broken("the position of a selection is invalid");
  TRINE_ASSIGN(const EventSelection selection, DecodeSelection(text));
  if (FindCounters(selection) != nullptr) return SectionFile::Broken("a selection occurs twice");
  TRINE_ASSIGN(Statistics statistics, Statistics::Load(inner, items_.size(), selection));
  selections_.push_back(std::make_unique<SelectedCounters>(selection, std::move(statistics)));
  selections_.back()->position = EventSeq{position[0]};
  return Ok();
}

Result<std::pair<GroupId, EventSeq>> GroupState::ReadEnd(const SectionFile& file) {
  TRINE_ASSIGN(const auto header, file.Array<CheckpointHeader>(kHeader));
  if (header.size() != 1) return SectionFile::Broken("the checkpoint header is invalid");
  return std::pair(GroupId{static_cast<uint32_t>(header[0].group)}, EventSeq{header[0].position});
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
    dependencies_.history.health().Missing(LostEvents(group_, EventSeq{header[0].position}, limit));
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
  for (uint32_t n = 0; n < kMaxSelections; ++n) TRINE_TRY(LoadSelection(file, kSelection + n));
  checkpointed_selections_ = selections_.size();
  return Ok();
}

}  // namespace trine::recommend
