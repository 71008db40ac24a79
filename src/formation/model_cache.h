// ModelCache: answers of a language model to prompts of questions, so that a question that a person asks
// again costs nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/mutex.h"

namespace trine::formation {

// The prompt, and what else its answer depends on.
struct ModelCacheKey {
  // For whom the question was asked: the ids of the request, and the id of the user whose events were read.
  // An answer is only ever found for the same ids.
  std::vector<std::string> people;
  GroupId group;          // to which the people belong; 0: the collection is not bound
  std::string model;      // name of the model
  std::string catalogue;  // the collection and the version of its records
  std::string prompt;     // the whole prompt, with the question, the items and the taste of the person
};

// In memory only; bounded in entries and in bytes, of which the least recently used go first. Thread-safe;
// its lock is a leaf.
class ModelCache {
 public:
  ModelCache(size_t max_entries, size_t max_bytes) : max_entries_(max_entries), max_bytes_(max_bytes) {}

  std::optional<std::string> Find(const ModelCacheKey& key) TRINE_EXCLUDES(mutex_);

  // Read it before the data of the person: Insert keeps nothing that an erasure since then may have made
  // wrong.
  uint64_t erasures() const TRINE_EXCLUDES(mutex_);
  // Keeps an answer, unless it is larger than the whole cache or people were erased after `erasures` was
  // read.
  void Insert(const ModelCacheKey& key, std::string answer, uint64_t erasures) TRINE_EXCLUDES(mutex_);

  // Removes the answers for these people, whatever their group: ids are not told apart by it, so that no
  // answer for an erased person remains. Without ids, removes the answers for all people of the group.
  void Forget(GroupId group, const std::vector<std::string>& ids) TRINE_EXCLUDES(mutex_);

  size_t entries() const TRINE_EXCLUDES(mutex_);
  size_t bytes() const TRINE_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::string key, answer;
    std::vector<std::string> people;
    GroupId group;
    size_t bytes = 0;
  };
  using Entries = std::list<Entry>;
  Entries::iterator Remove(Entries::iterator entry) TRINE_REQUIRES(mutex_);

  const size_t max_entries_, max_bytes_;
  mutable Mutex mutex_;
  Entries entries_ TRINE_GUARDED_BY(mutex_);  // most recently used first
  // The views are of Entry::key.
  std::unordered_map<std::string_view, Entries::iterator> by_key_ TRINE_GUARDED_BY(mutex_);
  size_t bytes_ TRINE_GUARDED_BY(mutex_) = 0;
  uint64_t erasures_ TRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace trine::formation
