// An in-memory catalogue with one collection, which Bind() binds to a dataset group, and the collection's
// records. The calls that the recommender and the exporter need work; most others fail with kUnsupported.
#pragma once

#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"

namespace trine::test {

class FakeCatalogue final : public catalogue::Catalogue {
 public:
  using Status = trine::Status;
  explicit FakeCatalogue(GroupId group, std::string item_id_field = {}) {
    binding_.collection = "products";
    binding_.group = group;
    binding_.item_id_field = std::move(item_id_field);
    auto collection = std::make_shared<catalogue::Collection>();
    collection->id = CollectionId{1};
    collection->name = binding_.collection;
    collection_ = std::move(collection);
  }
  void Bind() { bound_ = true, ++generation_; }

  Result<catalogue::CollectionPtr> Create(catalogue::NewCollection) override { return Refused(); }
  Status Drop(const std::string&) override { return Refused(); }
  catalogue::CollectionPtr Get(std::string_view name) const override {
    return name == binding_.collection ? collection_ : nullptr;
  }
  catalogue::CollectionPtr Get(CollectionId id) const override {
    return id.value == 1 ? collection_ : nullptr;
  }
  Result<catalogue::CollectionPtr> ResolveOne(std::string_view) const override { return Refused(); }
  Result<std::vector<catalogue::CollectionPtr>> Resolve(std::string_view, bool) const override {
    return Refused();
  }
  std::vector<catalogue::CollectionPtr> All() const override { return {collection_}; }
  CollectionId NextId() const override { return CollectionId{2}; }
  Result<catalogue::CollectionPtr> AddFields(std::string_view, const catalogue::Mapping&) override {
    return Refused();
  }
  Result<catalogue::CollectionPtr> PutSettings(std::string_view, catalogue::CollectionSettings) override {
    return Refused();
  }
  Status ChangeAliases(const std::vector<AliasChange>&, const std::vector<std::string>&) override {
    return Refused();
  }
  Status PutBinding(catalogue::Binding, const catalogue::RoleDeclarations*) override { return Refused(); }
  Result<std::vector<catalogue::CollectionPtr>> UnfinishedBindings() const override { return Refused(); }
  Status FinishBinding(CollectionId) override { return Refused(); }
  Status DropBinding(std::string_view) override { return Refused(); }
  std::optional<catalogue::Binding> BindingOf(std::string_view name) const override {
    if (!bound_ || name != binding_.collection) return std::nullopt;
    return binding_;
  }
  std::optional<catalogue::Binding> BindingOf(GroupId group) const override {
    if (!bound_ || group != binding_.group) return std::nullopt;
    return binding_;
  }
  uint64_t generation() const override { return generation_; }

 private:
  static Error Refused() { return Error(ErrorCode::kUnsupported, "not supported by this fake"); }
  catalogue::Binding binding_;
  catalogue::CollectionPtr collection_;
  bool bound_ = false;
  uint64_t generation_ = 1;
};

class FakeRecords final : public catalogue::RecordStore {
 public:
  void Put(std::string id, std::string source) { Add(std::move(id), std::move(source), false); }
  void Delete(std::string id) { Add(std::move(id), {}, true); }

  Result<std::optional<catalogue::RecordVersion>> Version(CollectionId, std::string_view) const override {
    return Refused();
  }
  Result<std::optional<catalogue::Record>> Get(CollectionId, std::string_view id) const override {
    for (auto r = records_.rbegin(); r != records_.rend(); ++r) {
      if (r->id == id) return r->deleted ? std::nullopt : std::optional(*r);
    }
    return std::optional<catalogue::Record>();
  }
  Result<std::optional<catalogue::Record>> Get(CollectionId, SeqNo seq_no) const override {
    if (seq_no.value >= records_.size()) return std::optional<catalogue::Record>();
    return std::optional(records_[seq_no.value]);
  }
  Result<std::vector<std::optional<catalogue::Record>>> MultiGet(CollectionId,
                                                                 const std::vector<SeqNo>&) const override {
    return Refused();
  }
  Result<std::optional<catalogue::Record>> GetItem(const catalogue::Binding&, CollectionId c,
                                                   std::string_view id) const override {
    return Get(c, id);
  }
  Result<std::vector<std::optional<std::string>>> RecordIds(CollectionId,
                                                            const std::vector<std::string>&) const override {
    return Refused();
  }
  std::unique_ptr<catalogue::RecordTransaction> Begin(CollectionId) override { return nullptr; }
  Status Scan(CollectionId, SeqNo from,
              const std::function<Result<bool>(const catalogue::Record&)>& visit) const override {
    for (size_t at = from.value; at < records_.size(); ++at) {
      TRINE_ASSIGN(const bool more, visit(records_[at]));
      if (!more) break;
    }
    return Ok();
  }
  Status ScanLive(CollectionId c,
                  const std::function<Result<bool>(const catalogue::Record&)>& visit) const override {
    for (const catalogue::Record& record : records_) {
      const auto newest = Get(c, record.id);
      if (!newest->has_value() || (*newest)->seq_no != record.seq_no) continue;
      TRINE_ASSIGN(const bool more, visit(record));
      if (!more) break;
    }
    return Ok();
  }
  SeqNo NextSeqNo(CollectionId) const override { return SeqNo{records_.size()}; }
  uint64_t LiveCount(CollectionId) const override { return records_.size(); }
  Status Purge(CollectionId, SeqNo, SeqNo) override { return Refused(); }
  Status Erase(CollectionId) override { return Refused(); }

 private:
  static Error Refused() { return Error(ErrorCode::kUnsupported, "not supported by this fake"); }
  void Add(std::string id, std::string source, bool deleted) {
    catalogue::Record record;
    record.id = std::move(id);
    record.source = std::move(source);
    record.deleted = deleted;
    record.seq_no = SeqNo{records_.size()};
    records_.push_back(std::move(record));
  }
  std::vector<catalogue::Record> records_;
};

}  // namespace trine::test
