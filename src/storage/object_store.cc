// Routes locations to stores by scheme.
#include "storage/object_store.h"

namespace trine::storage {

void ObjectStores::Add(std::string scheme, std::shared_ptr<ObjectStore> store) {
  TRINE_CHECK(store != nullptr);
  for (auto& [name, old] : stores_) {
    if (name == scheme) {
      old = std::move(store);
      return;
    }
  }
  stores_.emplace_back(std::move(scheme), std::move(store));
}

Result<std::shared_ptr<ObjectStore>> ObjectStores::Find(const std::string& location) const {
  const size_t colon = location.find("://");
  std::string known;
  for (const auto& [scheme, store] : stores_) {
    if (colon != std::string::npos && location.compare(0, colon, scheme) == 0) return store;
    known += (known.empty() ? "" : ", ") + scheme + "://";
  }
  return Error(ErrorCode::kUnsupported, "no object store for the location's scheme")
      .Expected(known.empty() ? "no location, because no object store is configured" : known)
      .Got(location.substr(0, 200));
}

Status ObjectStores::Get(const std::string& location, const std::function<Status(std::string_view)>& sink,
                         const Deadline& deadline) {
  TRINE_ASSIGN(const auto store, Find(location));
  return store->Get(location, sink, deadline);
}

Status ObjectStores::Put(const std::string& location, std::string_view bytes, const Deadline& deadline) {
  TRINE_ASSIGN(const auto store, Find(location));
  return store->Put(location, bytes, deadline);
}

Result<std::vector<ObjectInfo>> ObjectStores::List(const std::string& prefix, const Deadline& deadline) {
  TRINE_ASSIGN(const auto store, Find(prefix));
  return store->List(prefix, deadline);
}

}  // namespace trine::storage
