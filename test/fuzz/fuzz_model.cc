// Fuzzes the readers of trained models, counter checkpoints, snapshots and stored events. Byte 0 chooses the
// reader, and whether the other bytes are a file or sections (id, length, bytes) that are first written to a
// file with valid checksums, to reach the code behind the checksums. In a file that opens, every item must be
// usable.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "history/event_codec.h"
#include "recommend/model/statistics.h"
#include "recommend/model/trained_model.h"
#include "recommend/model/trend.h"
#include "recommend/train/snapshot_file.h"

namespace {

using namespace trine;             // NOLINT: one small file
using namespace trine::recommend;  // NOLINT

constexpr uint32_t kModelKind = 0x4c444f4d, kCheckpointKind = 0x52544e43;

// Sections of (id u16, length u16, bytes).
std::string LayOut(std::string_view bytes, uint32_t kind) {
  SectionWriter writer(kind);
  for (int sections = 0; sections < 1000 && bytes.size() >= 4; ++sections) {  // the writer accepts 1,024
    const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
    const uint32_t id = at(0) | at(1) << 8;
    const size_t length = std::min<size_t>(at(2) | at(3) << 8, bytes.size() - 4);
    writer.Add(id, std::string(bytes.substr(4, length)));
    bytes.remove_prefix(4 + length);
  }
  return writer.Finish();
}

void ReadModel(std::string_view bytes) {
  const auto model = TrainedModel::Open(bytes);
  if (!model.ok()) return;
  for (Item a = 0; a < (*model)->items(); ++a) {
    if ((*model)->Find((*model)->Id(a)) == kNone) std::abort();
    for (const Item b : (*model)->rules().To(a)) {
      if (b >= (*model)->items()) std::abort();
    }
    static_cast<void>((*model)->People(a));
  }
}

void ReadCheckpoint(std::string_view bytes) {
  const auto file = SectionFile::Open(bytes, kCheckpointKind);
  if (!file.ok()) return;
  constexpr size_t kItems = 64;
  auto statistics = Statistics::Load(*file, kItems);
  if (!statistics.ok()) return;
  ItemTable items;
  for (size_t i = 0; i < kItems; ++i) items.Intern("i" + std::to_string(i));
  for (Item i = 0; i < kItems; ++i) {
    static_cast<void>(Trend(*statistics, i, 6, statistics->TrendEnd(6)));
    statistics->sequence_rules().ForEach(i, [](Item b, double) {
      if (b >= kItems) std::abort();
    });
  }
  history::Event event;
  event.user_id = "u";
  event.item_id = "i1";
  statistics->Fold(event, Millis{1'700'000'000'000}, true, {}, &items);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      ReadModel(bytes);
      break;
    case 1:
      ReadModel(LayOut(bytes, kModelKind));
      break;
    case 2:
      ReadCheckpoint(bytes);
      break;
    case 3:
      ReadCheckpoint(LayOut(bytes, kCheckpointKind));
      break;
    case 4:
      static_cast<void>(ReadSnapshotBytes(bytes, [](std::string_view) { return Ok(); }));
      break;
    case 5: {
      const auto event = history::DecodeEvent(bytes);
      if (event.ok() && !history::DecodeEvent(history::EncodeEvent(*event)).ok()) std::abort();
      break;
    }
  }
  return 0;
}
