// The part of CollectionWriter that builds the damaged segments of its index again.
#include <map>
#include <utility>

#include "base/memory_budget.h"
#include "base/task_health.h"
#include "index/segment_repair.h"
#include "operations/write/collection_writer.h"
#include "operations/write/left_out.h"

namespace trine::operations {

using catalogue::Record;

// One segment that is built again.
struct CollectionWriter::RepairRun {
  std::unique_ptr<index::SegmentRepair> repair;
  LeftOut left_out;
  std::vector<Record> chunk;
  size_t bytes = 0;  // of the sources in `chunk`
  // Records whose id is damaged in the store: whether they are the newest version is known only when all
  // later records were read.
  std::map<std::string, SeqNo> unsure;
};

Status CollectionWriter::Repair(const std::function<bool()>& go_on) {
  while (const auto damaged = index_->damaged()) {
    if (closed_) return Ok();
    const std::string state = "the index of \"" + name_ + "\" is damaged: " + damaged->what +
                              "; searches do not find the documents of this file until it is built again "
                              "from the records, which ";
    deps_.tasks->Reports(RepairName(), state + "is being done");
    const Status done = CatchBadAlloc([&] { return RepairSegment(go_on); });
    if (closed_) deps_.tasks->Works(RepairName());
    if (done.ok() || closed_) continue;
    if (done.error().code != ErrorCode::kStopped) {
      deps_.tasks->Reports(RepairName(), state + "is tried again: " + done.error().ToString());
      deps_.log.Warning("cannot build a damaged file of the index of \"" + name_ +
                        "\" again at present: " + done.error().ToString());
    }
    return done;
  }
  deps_.tasks->Works(RepairName());
  return Ok();
}

// Adds the newest version of each record of the segment. Later versions are in later segments, or are passed
// to the index while this runs, which remembers the rows that they replace.
Status CollectionWriter::RepairSegment(const std::function<bool()>& go_on) {
  constexpr size_t kChunk = 1024, kChunkBytes = 2u << 20;
  const Error catching_up(ErrorCode::kInUse, "operations that were rejected wait to be added to the index");
  RepairRun run{nullptr, {deps_.log, deps_.metrics, name_}, {}, 0, {}};
  uint64_t catch_ups = 0;
  {
    const auto writes = deps_.records.Begin(id_);
    if (closed_) return Ok();
    if (lagging_from_) return catching_up;
    catch_ups = catch_ups_;
    TRINE_ASSIGN(run.repair, index_->BeginRepair());
  }
  index::SegmentRepair& repair = *run.repair;
  const auto visit = [&](const Record& record) -> Result<bool> {
    if (!go_on() || closed_)
      return Error(ErrorCode::kStopped, "the server or the index is closed").Where(name_);
    if (record.seq_no >= repair.end()) {
      if (!run.chunk.empty()) TRINE_TRY(RepairChunk(&run));
      if (const auto older = run.unsure.find(record.id); older != run.unsure.end()) {
        repair.Delete(older->second);
        run.unsure.erase(older);
      }
      return !run.unsure.empty();
    }
    run.chunk.push_back(record);
    run.bytes += record.source.size();
    if (run.chunk.size() == kChunk || run.bytes >= kChunkBytes) TRINE_TRY(RepairChunk(&run));
    return true;
  };
  TRINE_TRY(deps_.records.Scan(id_, repair.begin(), visit));
  TRINE_TRY(RepairChunk(&run));
  // With the write lock, every stored operation was passed to the index, unless it was rejected. A replay of
  // rejected operations deletes only rows that a reader shows.
  const auto writes = deps_.records.Begin(id_);
  if (closed_) return Ok();
  if (lagging_from_ || catch_ups != catch_ups_) return catching_up;
  TRINE_TRY(repair.Commit());
  deps_.log.Info("a damaged file of the index of \"" + name_ + "\" was built again from the records");
  return Ok();
}

Status CollectionWriter::RepairChunk(RepairRun* run) {
  std::vector<PendingWrite> writes;
  run->bytes = 0;
  for (Record& record : std::exchange(run->chunk, {})) {
    const auto newest = deps_.records.Version(id_, record.id);
    if (newest.ok() && *newest && (*newest)->seq_no != record.seq_no) continue;
    if (!newest.ok()) {
      const auto [at, first] = run->unsure.try_emplace(record.id, record.seq_no);
      if (!first) run->repair->Delete(std::exchange(at->second, record.seq_no));
      if (record.deleted) run->unsure.erase(at);
    }
    if (record.deleted) continue;
    PendingWrite write;
    write.id = std::move(record.id);
    write.op.source = std::move(record.source);
    write.outcome.version.seq_no = record.seq_no;
    write.is_stored = true;
    writes.push_back(std::move(write));
  }
  PrepareAll(&writes, nullptr);  // on this thread only: the others are for requests
  const IndexAdd add = [run](const index::IndexDocument& document, std::optional<SeqNo>) {
    return run->repair->Add(document);
  };
  for (PendingWrite& write : writes) {
    if (!write.failed()) run->left_out.Add(write.id, *write.mapped);
    TRINE_TRY(IndexStored(&write, add));
  }
  return Ok();
}

}  // namespace trine::operations
