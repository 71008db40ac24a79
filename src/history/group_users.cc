// GroupLog, users: storing users.
#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/id_text.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "base/varint.h"
#include "history/event_codec.h"
#include "history/group_log.h"
#include "history/keys.h"

namespace trine::history {

using storage::Family;
using storage::WriteBatch;

namespace {

// A user's row is (stamp, JSON). The stamp of a streamed row is the newest import number at the time of the
// write. It shows which of several rows with the same id was written last.
std::string EncodeUser(uint32_t stamp, const User& user) {
  TRINE_CHECK(!user.id.empty());
  std::string out;
  AppendVarint(stamp, &out);
  out += format::ToString(user.attributes);
  return out;
}

struct UserRow {
  std::string_view id;
  uint32_t import = 0;
  uint64_t stamp = 0;
  std::string_view json;
  // Returns a greater value for a row that was written later.
  std::pair<uint64_t, int> age() const {
    return import == 0 ? std::pair(stamp, 1) : std::pair<uint64_t, int>(import, 0);
  }
};

bool ParseUserRow(std::string_view key, std::string_view value, UserRow* row) {
  storage::KeyReader reader(key);
  uint32_t group = 0;
  row->json = value;
  return reader.U32(&group) && reader.Text(&row->id) && reader.U32(&row->import) &&
         ConsumeVarint(&row->json, &row->stamp);
}

Status CheckUser(const User& user) {
  if (user.id.empty() || user.id.size() > limits::kMaxIdBytes) {
    return Error(ErrorCode::kInvalid,
                 "a user id must have 1 to " + std::to_string(limits::kMaxIdBytes) + " bytes")
        .Got(std::to_string(user.id.size()) + " bytes");
  }
  TRINE_TRY(CheckIdText(user.id, "user id"));
  if (!user.attributes.is_object() && !user.attributes.is_null()) {
    return Error(ErrorCode::kInvalid, "a user's attributes must be an object")
        .Got(std::string(user.attributes.type_name()));
  }
  return Ok();
}

}  // namespace

Status GroupLog::ScanVisibleUsers(storage::Cursor& cursor, const GroupMeta& now, std::string_view prefix,
                                  const std::function<Result<bool>(const User&)>& visit) const {
  // Rows with the same id are adjacent: keep the newest visible one until the id changes.
  std::optional<User> best;
  std::pair<uint64_t, int> best_age;
  for (; cursor.Valid() && cursor.key().starts_with(prefix); cursor.Next()) {
    UserRow row;
    if (!ParseUserRow(cursor.key(), cursor.value(), &row)) {
      kv_.health().Damaged("a user of group " + std::to_string(group_.value) + ", whose id cannot be read");
      continue;
    }
    if (!now.Visible(row.import, ImportKind::kUsers)) continue;
    if (best && best->id != row.id) {
      TRINE_ASSIGN(const bool more, visit(*best));
      if (!more) return Ok();
      best.reset();
    }
    if (best && row.age() < best_age) continue;
    auto attributes = format::ParseJson(row.json);
    if (!attributes.ok()) {
      kv_.health().Damaged("user \"" + std::string(row.id) + "\" of group " + std::to_string(group_.value));
      continue;
    }
    best = User{std::string(row.id), *std::move(attributes), row.import};
    best_age = row.age();
  }
  TRINE_TRY(cursor.status());
  if (best) TRINE_TRY(visit(*best));
  return Ok();
}

Result<std::optional<User>> GroupLog::GetUser(std::string_view id) const {
  const std::string prefix = keys::UserPrefix(group_, id);
  std::optional<User> found;
  const auto [cursor, now] = OpenConsistentCursor(Family::kUsers, prefix);
  TRINE_TRY(ScanVisibleUsers(*cursor, *now, prefix, [&](const User& user) -> Result<bool> {
    found = user;
    return false;
  }));
  return found;
}

Status GroupLog::ScanUsers(const std::function<Result<bool>(const User&)>& visit) const {
  const std::string group = keys::Group(group_);
  const auto [cursor, now] = OpenConsistentCursor(Family::kUsers, group);
  return ScanVisibleUsers(*cursor, *now, group, visit);
}

Status GroupLog::PutUsers(const std::vector<User>& users) {
  for (const User& user : users) TRINE_TRY(CheckUser(user));
  const WriterTurn turn(*this);
  GroupMeta next = *meta();
  WriteBatch batch;
  std::set<std::string_view> counted;
  for (const User& user : users) {
    if (counted.insert(user.id).second) {
      TRINE_ASSIGN(const auto before, GetUser(user.id));
      if (!before) ++next.users;
    }
    batch.Put(Family::kUsers, keys::User(group_, user.id, 0), EncodeUser(next.next_import - 1, user));
  }
  return WriteMeta(std::move(batch), std::move(next));
}

Status GroupLog::PutImportedUsers(uint32_t import, const std::vector<User>& users) {
  for (const User& user : users) TRINE_TRY(CheckUser(user));
  const WriterTurn turn(*this);
  TRINE_TRY(OpenImport(import));
  WriteBatch batch;
  for (const User& user : users) {
    batch.Put(Family::kUsers, keys::User(group_, user.id, import), EncodeUser(import, user));
  }
  return kv_.Write(batch, storage::Durability::kSync);
}

}  // namespace trine::history
