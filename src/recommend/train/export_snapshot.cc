// ExportSnapshot: writes the files that the training process reads.
#include <utility>

#include "base/varint.h"
#include "history/event_codec.h"
#include "recommend/train/snapshot_file.h"
#include "recommend/train/spec_codec.h"
#include "recommend/train/train.h"

namespace trine::recommend {
namespace {

Status ExportEvents(storage::Directory& dir, GroupId group, const history::History& history) {
  TRINE_ASSIGN(SnapshotWriter writer, SnapshotWriter::Create(dir, kEventsFile));
  uint64_t interactions = 0;
  const Status scanned = history.Scan(group, EventSeq{0}, [&](const history::Event& event) -> Result<bool> {
    if (event.item_id.empty() || event.unverified) return true;
    ++interactions;
    TRINE_TRY(writer.Add(history::EncodeEvent(event)));
    return true;
  });
  TRINE_TRY(scanned);
  if (interactions == 0) {
    return Error(ErrorCode::kTooLittleData, "no interaction to train on")
        .Expected("at least one interaction")
        .Got("0");
  }
  return writer.Finish();
}

Status ExportUsers(storage::Directory& dir, GroupId group, const history::History& history) {
  TRINE_ASSIGN(SnapshotWriter writer, SnapshotWriter::Create(dir, kUsersFile));
  const Status scanned = history.ScanUsers(group, [&](const history::User& user) -> Result<bool> {
    std::string row;
    AppendLengthPrefixed(user.id, &row);
    AppendLengthPrefixed(format::ToString(user.attributes), &row);
    TRINE_TRY(writer.Add(row));
    return true;
  });
  TRINE_TRY(scanned);
  return writer.Finish();
}

Status ExportItems(storage::Directory& dir, const std::optional<catalogue::Binding>& binding,
                   const catalogue::Catalogue& catalogue, const catalogue::RecordStore& records) {
  TRINE_ASSIGN(SnapshotWriter writer, SnapshotWriter::Create(dir, kItemsFile));
  const catalogue::CollectionPtr collection = binding ? catalogue.Get(binding->collection) : nullptr;
  if (collection != nullptr) {
    const catalogue::AttributeReader reader(*binding);
    const Status scanned =
        records.ScanLive(collection->id, [&](const catalogue::Record& record) -> Result<bool> {
          const auto source = format::ParseJson(record.source);
          if (!source.ok()) return true;  // a record that is not JSON has no attributes to learn from
          std::string row;
          AppendLengthPrefixed(reader.ItemId(*source, record.id), &row);
          AppendLengthPrefixed(record.source, &row);
          TRINE_TRY(writer.Add(row));
          return true;
        });
    TRINE_TRY(scanned);
  }
  return writer.Finish();
}

}  // namespace

Status ExportSnapshot(const std::string& folder, GroupId group, const TrainingSpec& spec,
                      const history::History& history, const catalogue::Catalogue& catalogue,
                      const catalogue::RecordStore& records, Millis now,
                      const catalogue::DeclaredRoles* declared_roles) {
  TRINE_ASSIGN(const auto dir, storage::OpenDirectory(folder));
  TRINE_TRY(ExportEvents(*dir, group, history));
  TRINE_TRY(ExportUsers(*dir, group, history));
  const std::optional<catalogue::Binding> binding = catalogue.BindingOf(group);
  TRINE_TRY(ExportItems(*dir, binding, catalogue, records));
  SnapshotSpec whole{spec, binding.value_or(catalogue::Binding{}), {}, now};
  const catalogue::CollectionPtr collection = binding ? catalogue.Get(binding->collection) : nullptr;
  if (collection != nullptr) {
    catalogue::RoleDeclarations of_binding;
    if (declared_roles != nullptr) {
      // Without a readable row, the names of the fields decide, as in answers.
      if (auto stored = declared_roles->Of(collection->name); stored.ok()) of_binding = *std::move(stored);
    }
    whole.declared = DeclaredFieldsOf(of_binding, collection->mapping);
  }
  return storage::WriteFileAtomically(*dir, kSpecFile, WriteSpec(whole));
}

Result<size_t> TrainingMemory(const std::string& folder) {
  // Measured: the program itself, and the most bytes of memory for each byte of a file.
  constexpr size_t kProgram = 24u << 20, kPerEventByte = 6, kPerUserByte = 4, kPerItemByte = 4;
  TRINE_ASSIGN(const auto dir, storage::OpenDirectory(folder));
  size_t bytes = kProgram;
  for (const auto& [file, factor] :
       {std::pair(kEventsFile, kPerEventByte), std::pair(kUsersFile, kPerUserByte),
        std::pair(kItemsFile, kPerItemByte)}) {
    TRINE_ASSIGN(const auto content, dir->Open(file));
    bytes += factor * content->bytes().size();
  }
  return bytes;
}

}  // namespace trine::recommend
