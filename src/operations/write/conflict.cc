#include "operations/write/conflict.h"

#include <string>

#include "base/limits.h"

namespace trine::operations {
namespace {

Error Conflict(std::string_view id, std::string message) {
  return Error(ErrorCode::kVersionConflict, std::move(message)).Where(std::string(id));
}

}  // namespace

Status CheckVersion(const WriteOp& op, std::string_view id,
                    const std::optional<catalogue::RecordVersion>& now) {
  const bool live = now && !now->deleted;
  if (op.if_seq_no || op.if_primary_term) {
    const uint64_t seq_no = op.if_seq_no.value_or(0), term = op.if_primary_term.value_or(0);
    const auto conflict = [&](const char* message) {
      return Conflict(id, message)
          .Detail("required_seq_no", std::to_string(seq_no))
          .Detail("required_primary_term", std::to_string(term));
    };
    if (!live)
      return conflict("the write requires a version of the document, but the document does not exist");
    if (now->seq_no.value != seq_no || now->primary_term != term) {
      return conflict("the document does not have the version that the write requires")
          .Detail("seq_no", std::to_string(now->seq_no.value))
          .Detail("primary_term", std::to_string(now->primary_term));
    }
  }
  if (op.kind == WriteOp::Kind::kCreate && live) {
    return Error(ErrorCode::kDocumentExists, "the document already exists")
        .Where(std::string(id))
        .Detail("version", std::to_string(now->version));
  }
  if (op.version_type != WriteOp::VersionType::kInternal && now) {
    const uint64_t given = op.version.value_or(0);
    const bool gte = op.version_type == WriteOp::VersionType::kExternalGte;
    if (gte ? now->version > given : now->version >= given) {
      return Conflict(id, "the external version of the write is too old")
          .Detail("version", std::to_string(now->version))
          .Detail("provided", std::to_string(given))
          .Detail("relation", gte ? "newer" : "newer_or_same");
    }
  }
  return Ok();
}

std::optional<uint64_t> VersionToStore(const WriteOp& op) {
  if (op.version_type == WriteOp::VersionType::kInternal) return std::nullopt;
  return op.version.value_or(0);
}

Status CheckId(std::string_view id) {
  if (id.empty()) {
    return Error(ErrorCode::kDocumentId, "an id must not be empty");
  }
  if (id.size() > limits::kMaxIdBytes) {
    return Error(ErrorCode::kDocumentId,
                 "an id must not have more than " + std::to_string(limits::kMaxIdBytes) + " bytes")
        .Got(std::string(id.substr(0, 64)))
        .Detail("bytes", std::to_string(id.size()));
  }
  return Ok();
}

Error MissingDocument(std::string_view id) {
  return Error(ErrorCode::kDocumentMissing, "there is no document with this id").Where(std::string(id));
}

}  // namespace trine::operations
