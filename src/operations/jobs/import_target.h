// ImportTarget: the destination of the rows of one import job. Until Finish, nothing of an import is visible.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "history/schema.h"
#include "operations/import/imported_row.h"
#include "operations/jobs/job_dependencies.h"
#include "operations/jobs/reject_file.h"

namespace trine::operations {

// An interface with two implementations, for the history (events and users) and for items. Not thread-safe.
class ImportTarget {
 public:
  virtual ~ImportTarget() = default;
  // Takes a row of `object`. kBadRow rejects the row; every other error ends the import.
  virtual Status Add(const std::string& object, ImportedRow row) = 0;
  // Makes all rows visible. With `full`, they replace the rows of earlier imports. If reading failed before,
  // Finish is not called, and the earlier rows stay as they are. Calls `complete` once, when late_rejects()
  // is known. Events and users become visible by the batch that `complete` receives; items are stored before,
  // which a second run of the job repeats without an effect.
  virtual Status Finish(const history::History::Commit& complete) = 0;
  // Rows that Add accepted and Finish rejected. They are in the reject file.
  virtual uint64_t late_rejects() const { return 0; }
};

struct ImportTargetOptions {
  GroupId group;
  history::DatasetType type = history::DatasetType::kInteractions;
  bool full = true;
  std::string spool_name;  // of a temporary file in the scratch folder
};
// `deps` and `rejects` must outlive the target. If Finish is not called or fails, the destructor removes the
// rows, except items that were already stored when the store failed.
Result<std::unique_ptr<ImportTarget>> NewImportTarget(const JobDependencies& deps,
                                                      const ImportTargetOptions& options,
                                                      RejectFile* rejects);

}  // namespace trine::operations
