#include "server/state_metrics.h"

#include <cstdint>
#include <string_view>

#include "index/index_set.h"
#include "server/engines.h"

namespace trine::server {

void MeasureState(const Engines& engines, Metrics& metrics) {
  const storage::StoreMemory store = engines.facts->memory();
  uint64_t index_bytes = 0, segments = 0;
  for (const auto& [id, index] : engines.indexes->All()) {
    const index::CollectionIndex::Stats stats = index->stats();
    index_bytes += stats.memory_bytes;
    segments += stats.segments;
  }
  const auto held = [&metrics](std::string_view kind, uint64_t bytes) {
    metrics.GetGauge("trine_memory_held_bytes", "Bytes of memory that stored data take, by purpose.", kind)
        .Set(static_cast<double>(bytes));
  };
  held("memtables", store.memtables);
  held("block_cache", store.block_cache);
  held("table_readers", store.table_readers);
  held("index_rows", index_bytes);
  metrics.GetGauge("trine_store_merge_backlog_bytes", "Bytes of files of the store that are to be merged.")
      .Set(static_cast<double>(store.merge_backlog));
  metrics.GetGauge("trine_index_segments", "Segments of all indexes.").Set(static_cast<double>(segments));
}

}  // namespace trine::server
