// WriteEngine: a Writer with everything that it needs: an in-memory store that can be made to fail, a real
// folder and a manual clock. It can stop without a flush and start again.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/analyzer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/metrics.h"
#include "base/task_health.h"
#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "format/json.h"
#include "index/index_set.h"
#include "operations/write/writer.h"
#include "storage/directory.h"
#include "storage/key_value.h"
#include "test/support/capturing_log.h"
#include "test/support/failing_key_value.h"
#include "test/support/temp_folder.h"

namespace trine::test {

class WriteEngine {
 public:
  explicit WriteEngine(size_t threads = 2, int64_t flush_interval_ms = 60'000, MemoryBudget* memory = nullptr)
      : threads_(threads), flush_interval_ms_(flush_interval_ms), memory_(memory) {
    analyzers_ = std::move(analysis::NewAnalyzers({})).value();
    kv = std::make_unique<FailingKeyValue>();
    Open();
  }
  ~WriteEngine() { Close(); }

  // Discards everything in memory without a flush and reopens the stored state.
  void Crash() {
    Close();
    Open();
  }
  // Like Crash, but the index files are lost.
  void CrashLosingIndex() {
    Close();
    std::filesystem::remove_all(folder_.path("index"));
    Open();
  }

  std::vector<operations::WriteOutcome> Write(
      std::vector<operations::WriteOp> ops,
      operations::RefreshPolicy refresh = operations::RefreshPolicy::kNow) {
    return writer->Write(std::move(ops), refresh);
  }
  operations::WriteOutcome Put(const std::string& collection, const std::string& id,
                               const std::string& source,
                               operations::RefreshPolicy refresh = operations::RefreshPolicy::kNow) {
    return Write({Index(collection, id, source)}, refresh).at(0);
  }
  static operations::WriteOp Index(std::string collection, std::string id, std::string source) {
    operations::WriteOp op;
    op.collection = std::move(collection);
    op.id = std::move(id);
    op.source = std::move(source);
    return op;
  }
  static operations::WriteOp Op(operations::WriteOp::Kind kind, std::string collection, std::string id,
                                std::string source = "") {
    operations::WriteOp op = Index(std::move(collection), std::move(id), std::move(source));
    op.kind = kind;
    return op;
  }
  static operations::WriteOp Update(std::string collection, std::string id, std::string_view doc) {
    operations::WriteOp op = Op(operations::WriteOp::Kind::kUpdate, std::move(collection), std::move(id));
    op.doc = *format::ParseJson(doc);
    return op;
  }

  const analysis::Analyzers& analyzers() const { return *analyzers_; }
  catalogue::CollectionPtr Collection(const std::string& name) const { return catalogue->Get(name); }
  // Returns the stored source of a document; "(none)" if it does not exist.
  std::string Source(const std::string& collection, const std::string& id) const {
    const auto record = records->Get(Collection(collection)->id, id);
    EXPECT_TRUE(record.ok());
    return record.ok() && *record ? (*record)->source : "(none)";
  }
  // Returns the ids of the live rows that have `term` in `field`, or of all live rows if `field` is empty.
  std::set<std::string> Searchable(const std::string& collection, const std::string& field = "",
                                   const std::string& term = "") const {
    std::set<std::string> ids;
    const catalogue::CollectionPtr found = Collection(collection);
    const std::shared_ptr<index::CollectionIndex> index = found ? indexes->Get(found->id) : nullptr;
    if (index == nullptr) return ids;
    const index::IndexReaderPtr reader = index->reader();
    for (const auto& segment : reader->segments()) {
      const auto add = [&](Row row) {
        if (!segment->live(row)) return;
        EXPECT_TRUE(ids.insert(std::string(segment->id(row))).second) << "two live rows with the same id";
      };
      if (field.empty()) {
        for (Row row = 0; row < segment->rows(); ++row) add(row);
        continue;
      }
      const index::FieldTerms* terms = segment->terms(field);
      const auto stats = terms != nullptr ? terms->Find(term) : std::nullopt;
      if (!stats) continue;
      for (auto cursor = terms->Open(*stats, false); cursor->row() != index::kNoMoreRows; cursor->Next()) {
        add(cursor->row());
      }
    }
    return ids;
  }

  TaskHealth tasks;
  ManualClock clock{Millis{1'795'320'000'000}};
  CapturingLog log;
  std::unique_ptr<FailingKeyValue> kv;
  std::unique_ptr<catalogue::Catalogue> catalogue;
  std::unique_ptr<catalogue::RecordStore> records;
  std::unique_ptr<index::IndexSet> indexes;
  std::unique_ptr<operations::Writer> writer;

 private:
  void Close() {
    writer.reset();
    indexes.reset();
    records.reset();
    catalogue.reset();
  }
  void Open() {
    catalogue = std::move(catalogue::OpenCatalogue(*kv, clock, log)).value();
    records = std::move(catalogue::OpenRecordStore(*kv, log)).value();
    indexes =
        std::make_unique<index::IndexSet>(std::move(storage::OpenDirectory(folder_.path("index"))).value(),
                                          index::IndexOptions{}, clock, log, NullMetrics());
    operations::WriterOptions options;
    options.threads = threads_;
    options.flush_interval_ms = flush_interval_ms_;
    options.memory = memory_;
    options.tasks = &tasks;
    writer = std::move(operations::NewWriter(*catalogue, *records, *indexes, *analyzers_, options, clock, log,
                                             NullMetrics()))
                 .value();
  }

  const size_t threads_;
  const int64_t flush_interval_ms_;
  MemoryBudget* const memory_;
  TempFolder folder_;
  std::unique_ptr<analysis::Analyzers> analyzers_;
};

}  // namespace trine::test
