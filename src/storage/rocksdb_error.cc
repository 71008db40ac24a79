#include "storage/rocksdb_error.h"

namespace trine::storage {

Error StoreError(const rocksdb::Status& status, std::string where) {
  TRINE_CHECK(!status.ok());
  const std::string text = status.ToString();
  switch (status.code()) {
    case rocksdb::Status::kCorruption:
      return Error(ErrorCode::kCorrupt, "the store is corrupt: " + text).Where(std::move(where));
    case rocksdb::Status::kBusy:
    case rocksdb::Status::kTimedOut:
    case rocksdb::Status::kTryAgain:
      return Error(ErrorCode::kBusy, "the store is busy: " + text).Where(std::move(where));
    case rocksdb::Status::kNotSupported:
      return Error(ErrorCode::kInternal, "the store does not support the operation: " + text)
          .Where(std::move(where));
    default:
      break;
  }
  if (status.subcode() == rocksdb::Status::kNoSpace || status.subcode() == rocksdb::Status::kSpaceLimit)
    return Error(ErrorCode::kNoSpace, "no space is left for the store: " + text).Where(std::move(where));
  return Error(ErrorCode::kIo, "the store failed: " + text).Where(std::move(where));
}

}  // namespace trine::storage
