#include "operations/jobs/import_target.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/hash.h"
#include "base/memory_budget.h"
#include "history/event_codec.h"
#include "operations/jobs/row_spool.h"

namespace trine::operations {
namespace {

using history::DatasetType;

class HistoryTarget final : public ImportTarget {
 public:
  HistoryTarget(history::History& history, const ImportTargetOptions& options, uint32_t import)
      : history_(history),
        group_(options.group),
        users_(options.type == DatasetType::kUsers),
        replace_(options.full),
        import_(import) {}
  ~HistoryTarget() override {
    if (!published_) static_cast<void>(history_.AbandonImport(group_, import_).ok());
  }
  Status Add(const std::string&, ImportedRow row) override {
    if (users_) {
      people_.push_back(std::move(row.user));
    } else {
      // The history checks whole chunks, and one invalid event would cost the others.
      if (Status checked = history::CheckEvent(row.event); !checked.ok()) return BadRow(checked.error());
      events_.push_back(std::move(row.event));
    }
    return events_.size() + people_.size() < kChunk ? Ok() : Send();
  }
  Status Finish(const history::History::Commit& complete) override {
    TRINE_TRY(Send());
    using Kind = history::ImportKind;
    Status published =
        history_.PublishImport(group_, import_, users_ ? Kind::kUsers : Kind::kEvents, replace_, complete);
    published_ = published.ok();
    return published;
  }

 private:
  static constexpr size_t kChunk = 5000;
  static Error BadRow(Error error) {
    error.code = ErrorCode::kBadRow;
    return error;
  }
  Status Send() {
    if (!events_.empty()) TRINE_TRY(history_.AppendImported(group_, import_, std::exchange(events_, {})));
    if (!people_.empty()) TRINE_TRY(history_.PutImportedUsers(group_, import_, std::exchange(people_, {})));
    return Ok();
  }
  history::History& history_;
  const GroupId group_;
  const bool users_, replace_;
  const uint32_t import_;
  bool published_ = false;
  std::vector<history::Event> events_;
  std::vector<history::User> people_;
};

// The ids of an import, as two hashes each, because there may be millions. Two ids have the same hashes with
// a probability below 2^-80, and then an item that should be deleted is kept.
class SeenIds {
 public:
  explicit SeenIds(MemoryBudget* memory) : memory_(memory, MemoryUse::kImports) {}
  // kBusy if there is no memory. Not after Contains.
  Status Add(std::string_view id) {
    TRINE_CHECK(!sorted_);
    if (hashes_.size() % kStep == 0) TRINE_TRY(memory_.Add(kStep * sizeof(Hashes)));
    hashes_.push_back(HashesOf(id));
    return Ok();
  }
  bool Contains(std::string_view id) {
    if (!std::exchange(sorted_, true)) std::sort(hashes_.begin(), hashes_.end());
    return std::binary_search(hashes_.begin(), hashes_.end(), HashesOf(id));
  }

 private:
  using Hashes = std::array<uint64_t, 2>;
  static constexpr size_t kStep = 16'384;
  static Hashes HashesOf(std::string_view id) { return {Hash64(id, 1), Hash64(id, 2)}; }

  MemoryHold memory_;
  std::deque<Hashes> hashes_;  // grows without being copied
  bool sorted_ = false;
};

// Items go straight into the records of a collection, which are visible at once. They are therefore kept in a
// temporary file until every object was read to its end.
class ItemTarget final : public ImportTarget {
 public:
  ItemTarget(const JobDependencies& deps, const ImportTargetOptions& options, RejectFile* rejects)
      : deps_(deps),
        group_(options.group),
        full_(options.full),
        rejects_(*rejects),
        spool_(deps.scratch, options.spool_name),
        seen_(deps.memory) {}
  Status Add(const std::string& object, ImportedRow row) override {
    if (full_) TRINE_TRY(seen_.Add(row.id));
    return spool_.Add({object, row.line, std::move(row.id), std::move(row.attributes), std::string(row.raw)});
  }
  Status Finish(const history::History::Commit& complete) override {
    TRINE_TRY(spool_.Read([&](SpooledItem item) -> Status {
      chunk_bytes_ += item.raw.size();
      chunk_.push_back(std::move(item));
      return chunk_.size() < kChunk && chunk_bytes_ < kChunkBytes ? Ok() : Send();
    }));
    TRINE_TRY(Send());
    if (stored_ == 0 && late_rejects_ > 0) {
      return Error(ErrorCode::kInvalid, "all " + std::to_string(late_rejects_) +
                                            " rows were rejected; the first: " + rejects_.first());
    }
    if (full_) TRINE_TRY(RemoveOthers());
    return complete({});
  }
  uint64_t late_rejects() const override { return late_rejects_; }

 private:
  static constexpr size_t kChunk = 1000, kChunkBytes = 1u << 20;

  static bool IsRowsFault(const Error& error) {
    return error.kind() == ErrorKind::kInvalid || error.kind() == ErrorKind::kConflict ||
           error.kind() == ErrorKind::kLimit;
  }

  // If a chunk fails, stores its items one by one to find the rows at fault.
  Status Send() {
    const std::vector<SpooledItem> chunk = std::exchange(chunk_, {});
    chunk_bytes_ = 0;
    if (chunk.empty()) return Ok();
    std::vector<ItemWrite> items;
    items.reserve(chunk.size());
    for (const SpooledItem& item : chunk) items.push_back({item.id, item.attributes});
    Status all = deps_.writer.PutItems(group_, items, true, {});
    if (!all.ok() && !IsRowsFault(all.error())) return all;
    stored_ += chunk.size();
    if (all.ok()) return all;
    for (const SpooledItem& item : chunk) {
      Status one = deps_.writer.PutItems(group_, {{item.id, item.attributes}}, true, {});
      if (one.ok()) continue;
      if (!IsRowsFault(one.error())) return one;
      ++late_rejects_;
      --stored_;
      TRINE_TRY(rejects_.Add(item.object, item.line, item.raw, one.error()));
    }
    return Ok();
  }

  // Deletes the items that earlier imports added and that this full import does not contain. Keeps items that
  // were put individually, and items that were written since the scan.
  // An import never deletes documents of a visible collection.
  Status RemoveOthers() {
    const std::optional<catalogue::Binding> binding = deps_.catalogue.BindingOf(group_);
    const catalogue::CollectionPtr collection = binding ? deps_.catalogue.Get(binding->collection) : nullptr;
    if (collection == nullptr || !collection->hidden) return Ok();
    std::vector<WriteOp> deletes;
    const auto send = [&]() -> Status {
      for (const WriteOutcome& outcome : deps_.writer.Write(std::exchange(deletes, {}), RefreshPolicy::kNo)) {
        if (outcome.error && outcome.error->code != ErrorCode::kVersionConflict) return *outcome.error;
      }
      return Ok();
    };
    TRINE_TRY(deps_.records.ScanLive(collection->id, [&](const catalogue::Record& record) -> Result<bool> {
      if (record.put_individually || seen_.Contains(record.id)) return true;
      WriteOp op;
      op.kind = WriteOp::Kind::kDelete;
      op.collection = collection->name;
      op.id = record.id;
      op.if_seq_no = record.seq_no.value;
      op.if_primary_term = record.primary_term;
      deletes.push_back(std::move(op));
      if (const Status sent = deletes.size() < kChunk ? Ok() : send(); !sent.ok()) return sent.error();
      return true;
    }));
    return send();
  }

  const JobDependencies& deps_;
  const GroupId group_;
  const bool full_;
  RejectFile& rejects_;
  RowSpool spool_;
  std::vector<SpooledItem> chunk_;
  size_t chunk_bytes_ = 0;  // of the rows in chunk_
  uint64_t stored_ = 0, late_rejects_ = 0;
  SeenIds seen_;
};

}  // namespace

Result<std::unique_ptr<ImportTarget>> NewImportTarget(const JobDependencies& deps,
                                                      const ImportTargetOptions& options,
                                                      RejectFile* rejects) {
  if (options.type == DatasetType::kItems)
    return std::unique_ptr<ImportTarget>(std::make_unique<ItemTarget>(deps, options, rejects));
  TRINE_ASSIGN(const uint32_t import, deps.history.BeginImport(options.group));
  return std::unique_ptr<ImportTarget>(std::make_unique<HistoryTarget>(deps.history, options, import));
}

}  // namespace trine::operations
