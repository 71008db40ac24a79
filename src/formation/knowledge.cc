#include "formation/knowledge.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/limits.h"

namespace trine::formation {
namespace {

using catalogue::Roles;
using catalogue::TextsAt;
using format::Json;

constexpr size_t kHashDimension = 256;
constexpr size_t kTrainFrom = 20;           // records; fewer are too few to train an embedder on
constexpr size_t kMaxFacetBytes = 60;       // a longer value is prose, not a facet value
constexpr size_t kMaxEmbeddedBytes = 4000;  // of one record's text
constexpr double kRetrainShare = 0.2;       // growth of a collection beyond which its embedder is retrained
constexpr size_t kMaxTagTexts = 500;  // whole texts kept per tag; bounds the query that is built from them
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
// The last character is the format version; see docs/formats/knowledge.md.
constexpr char kMagic[8] = {'T', 'R', 'N', 'V', 'E', 'C', '0', '3'};

// The parts of one record from which the vocabulary and the embedder are built.
struct RecordDescription {
  std::vector<std::string> titles;
  std::vector<std::pair<std::string, std::string>> facets;
  std::string text;  // for the embedder: titles, facets, prose
  double price = kNoNumber, grams = kNoNumber;
};

RecordDescription Describe(const Roles& roles, const Json& source) {
  RecordDescription d;
  for (const std::string& field : roles.titles) {
    for (std::string& value : TextsAt(source, field)) d.titles.push_back(std::move(value));
  }
  for (const catalogue::FacetField& facet : roles.facets) {
    for (std::string& value : catalogue::FacetTexts(source, facet)) {
      if (value.size() <= kMaxFacetBytes && !value.empty())
        d.facets.emplace_back(facet.path, std::move(value));
    }
  }
  for (const std::string& title : d.titles) d.text += title + "\n";
  for (const auto& [field, value] : d.facets) d.text += value + " ";
  for (const std::string& field : roles.texts) {
    for (const std::string& value : TextsAt(source, field)) d.text += "\n" + value;
  }
  // A price in another currency cannot be compared with the others.
  const auto price = catalogue::PriceOf(roles, source);
  if (price && price->currency == roles.currency_code) d.price = price->amount;
  d.grams = catalogue::GramsOf(roles, source).value_or(kNoNumber);
  if (d.text.size() > kMaxEmbeddedBytes)
    d.text.resize(kMaxEmbeddedBytes);  // may split a character, which analysis accepts
  return d;
}

// Changes with the fields that records are described by.
uint64_t Fingerprint(const Roles& roles) {
  std::string text;
  for (const auto* fields : {&roles.titles, &roles.texts}) {
    for (const std::string& field : *fields) text += field + "\n";
    text += "\n";
  }
  for (const catalogue::FacetField& facet : roles.facets) text += facet.path + facet.delimiter;
  return Hash64(text);
}

// Remembers the whole texts in which a facet's tags occur, because the index finds only whole texts.
void AddTags(const Json& source, Knowledge* knowledge) {
  for (const catalogue::FacetField& facet : knowledge->roles.facets) {
    if (facet.delimiter == '\0') continue;
    auto& tags = knowledge->texts_of_tags[facet.path];
    for (const std::string& whole : TextsAt(source, facet.path)) {
      Json one(Json::Object{});
      one.Set(facet.path, whole);
      for (const std::string& tag : catalogue::FacetTexts(one, facet)) {
        auto& texts = tags[tag];
        if (texts.size() < kMaxTagTexts && std::find(texts.begin(), texts.end(), whole) == texts.end())
          texts.push_back(whole);
      }
    }
  }
}

language::FieldKind KindOf(const Roles& roles, const std::string& path) {
  const auto has = [&path](const std::vector<std::string>& paths) {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  };
  if (has(roles.categories)) return language::FieldKind::kCategory;
  if (has(roles.brands)) return language::FieldKind::kBrand;
  return language::FieldKind::kOther;
}

// A sample of the texts of a catalogue, evenly spread over it: all texts, or of every 2, 4, 8 ... one, as
// many as fit into kMaxSampleBytes. Training takes many times the size of the texts.
class TextSample {
 public:
  void Add(const std::string& text) {
    if (Hash64(std::to_string(count_++)) % step_ != 0) return;
    texts_.push_back(text);
    places_.push_back(count_ - 1);
    bytes_ += text.size() + kTextBytes;
    while (bytes_ > kMaxSampleBytes) Halve();
  }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  void Halve() {
    step_ *= 2;
    size_t kept = 0;
    for (size_t i = 0; i < texts_.size(); ++i) {
      if (Hash64(std::to_string(places_[i])) % step_ != 0) {
        bytes_ -= texts_[i].size() + kTextBytes;
        continue;
      }
      if (kept != i) texts_[kept] = std::move(texts_[i]);
      places_[kept++] = places_[i];
    }
    texts_.resize(kept);
    places_.resize(kept);
  }
  static constexpr size_t kMaxSampleBytes = 2u << 20;
  static constexpr size_t kTextBytes = 24;  // each text is also a row of the matrix that is decomposed
  std::vector<std::string> texts_;
  std::vector<uint64_t> places_;  // number of each text in the catalogue
  uint64_t count_ = 0, step_ = 1;
  size_t bytes_ = 0;
};

// Opens the embedder on `knowledge->embedder_bytes`, which must outlive it.
Status OpenEmbedder(const analysis::Analyzers& analyzers, Knowledge* knowledge) {
  if (knowledge->embedder_bytes.empty()) {
    knowledge->embedder = language::NewHashEmbedder(analyzers, kHashDimension);
    return Ok();
  }
  TRINE_CHECK_EQ(knowledge->embedder, nullptr);
  TRINE_ASSIGN(auto opened, language::OpenCatalogueEmbedder(analyzers, knowledge->embedder_bytes));
  knowledge->embedder = std::move(opened);
  return Ok();
}

// Builds one Knowledge. The steps are called in order. Only what is needed of each record is kept, so the
// records are read twice.
class KnowledgeBuild {
 public:
  KnowledgeBuild(const KnowledgeDependencies& deps, CollectionId collection, const Knowledge* before,
                 const Deadline& deadline, Knowledge* knowledge)
      : deps_(deps),
        collection_(collection),
        before_(before),
        deadline_(deadline),
        out_(*knowledge),
        most_(MemoryHold(deps.memory, MemoryUse::kKnowledge).most()) {
    // Most builds need not train.
    const auto records = static_cast<double>(deps.records.LiveCount(collection));
    lent_ = before != nullptr && !before->embedder_bytes.empty() &&
            records <= (1 + kRetrainShare) * static_cast<double>(before->ids.size());
  }

  // Reads the words of the catalogue, and lists its records.
  Status ReadWords() {
    language::VocabularyBuilder builder(deps_.analyzers);
    ClearRows();
    for (const catalogue::FacetField& facet : out_.roles.facets)
      builder.SetKind(facet.path, KindOf(out_.roles, facet.path));
    TRINE_TRY(ForEachRecord([&](const std::string& id, const Json& source, RecordDescription& description) {
      AddRow(id, description);
      AddTags(source, &out_);
      builder.Add(description.titles, description.facets);
      if (!lent_) sample_.Add(description.text);
    }));
    out_.vocabulary = builder.Build();
    return Ok();
  }

  // The vectors of `before` were made from the same texts in the same way, so they and their embedder are
  // reused. The texts are compared, not only `end`: in an older copy of the facts, later writes may have the
  // same seq_nos.
  bool CanReuse() const {
    return before_ != nullptr && before_->ids == out_.ids && before_->described == out_.described &&
           before_->described_by == out_.described_by && before_->embedder != nullptr &&
           before_->vectors != nullptr && VectorBytes(*before_) <= most_;
  }
  Status Reuse() {
    out_.embedder_bytes = before_->embedder_bytes;
    out_.vectors = before_->vectors;
    return OpenEmbedder(deps_.analyzers, &out_);
  }

  Status ChooseEmbedder() {
    if (lent_) {
      out_.embedder_bytes = before_->embedder_bytes;
    } else if (out_.ids.size() >= kTrainFrom) {
      TRINE_ASSIGN(out_.embedder_bytes,
                   language::TrainCatalogueEmbedder(deps_.analyzers, sample_.texts(), {}, deadline_));
    }
    sample_ = {};
    return OpenEmbedder(deps_.analyzers, &out_);
  }

  // Reads the records again and embeds each, unless the vectors would take too much memory.
  Status EmbedRecords() {
    MemoryHold hold(deps_.memory, MemoryUse::kKnowledge);
    if (const Status fits = hold.Add(VectorBytes(out_)); !fits.ok()) {
      if (VectorBytes(out_) <= most_) return fits;
      out_.without_vectors = fits.error();
      return Ok();
    }
    const size_t dimension = out_.embedder->dimension();
    std::vector<float> rows;
    rows.reserve(out_.ids.size() * dimension);
    ClearRows();
    TRINE_TRY(ForEachRecord([&](const std::string& id, const Json&, RecordDescription& description) {
      AddRow(id, description);
      rows.resize(rows.size() + dimension);
      out_.embedder->Embed(description.text, rows.data() + rows.size() - dimension);
    }));
    TRINE_CHECK_EQ(rows.size(), out_.ids.size() * dimension);
    out_.vectors = std::make_shared<const numeric::VectorTable>(std::move(rows), dimension);
    return Ok();
  }

 private:
  // The memory for the vectors of a catalogue: floats, and bytes with a scale.
  static size_t VectorBytes(const Knowledge& knowledge) {
    return knowledge.ids.size() * (knowledge.embedder->dimension() * (sizeof(float) + 1) + sizeof(float));
  }

  using Visit = std::function<void(const std::string& id, const Json& source, RecordDescription&)>;

  Status ForEachRecord(const Visit& visit) {
    TRINE_TRY(deps_.records.ScanLive(collection_, [&](const catalogue::Record& record) -> Result<bool> {
      const auto source = format::ParseJson(record.source);
      if (!source.ok()) return true;  // skip a damaged record
      RecordDescription description = Describe(out_.roles, *source);
      visit(record.id, *source, description);
      return !deadline_.Passed();
    }));
    return deadline_.Check("reading the catalogue");
  }

  void ClearRows() {
    out_.ids.clear();
    out_.prices.clear();
    out_.grams.clear();
    out_.described = deps_.analyzers.has_korean_dictionary() ? 1 : 0;  // it divides texts into other terms
  }

  void AddRow(const std::string& id, const RecordDescription& description) {
    out_.described = Hash64(description.text, Hash64(id, out_.described));
    out_.ids.push_back(id);
    out_.prices.push_back(description.price);
    out_.grams.push_back(description.grams);
  }

  const KnowledgeDependencies& deps_;
  const CollectionId collection_;
  const Knowledge* const before_;  // nullptr: none
  const Deadline& deadline_;
  Knowledge& out_;
  const size_t most_;  // bytes that the vectors may take
  bool lent_ = false;  // the embedder of `before_` is used
  TextSample sample_;
};

}  // namespace

std::string DeclarationText(const catalogue::Mapping& mapping, const catalogue::Binding* binding,
                            const catalogue::RoleDeclarations& declared) {
  std::string text = format::ToString(mapping.meta);
  text += format::ToString(catalogue::RoleDeclarationsJson(declared));
  if (binding == nullptr) return text;
  for (const auto& [attribute, path] : binding->fields) text += attribute + "\n" + path + "\n";
  return text;
}

const std::vector<std::string>* Knowledge::TextsOfTag(const std::string& field,
                                                      const std::string& tag) const {
  const auto tags = texts_of_tags.find(field);
  if (tags == texts_of_tags.end()) return nullptr;
  const auto texts = tags->second.find(tag);
  return texts == tags->second.end() ? nullptr : &texts->second;
}

std::vector<std::pair<std::string, float>> Knowledge::Nearest(std::string_view text, size_t k) const {
  std::vector<std::pair<std::string, float>> out;
  if (embedder == nullptr || vectors == nullptr) return out;
  std::vector<float> query(embedder->dimension());
  embedder->Embed(text, query.data());
  TRINE_DCHECK_EQ(vectors->floats().size(), ids.size() * embedder->dimension());
  for (const auto& entry : vectors->Nearest(query, k)) out.emplace_back(ids[entry.id], entry.score);
  return out;
}

Result<Roles> SampleRoles(const catalogue::RecordStore& records, const catalogue::Collection& collection,
                          const catalogue::Binding* binding, const catalogue::RoleDeclarations& declared) {
  catalogue::CatalogueStatistics statistics;
  TRINE_TRY(records.ScanLive(collection.id, [&](const catalogue::Record& record) -> Result<bool> {
    const auto source = format::ParseJson(record.source);
    if (source.ok()) statistics.Add(*source);
    return statistics.records() < catalogue::CatalogueStatistics::kSampleRecords;
  }));
  return catalogue::ResolveRoles(collection.mapping, binding, declared, &statistics);
}

Result<std::shared_ptr<const Knowledge>> BuildKnowledge(const KnowledgeDependencies& deps,
                                                        const catalogue::CollectionPtr& collection,
                                                        const catalogue::Binding* binding,
                                                        const catalogue::RoleDeclarations& declared,
                                                        const std::shared_ptr<const Knowledge>& before,
                                                        const Deadline& deadline) {
  auto knowledge = std::make_shared<Knowledge>();
  TRINE_ASSIGN(knowledge->roles, SampleRoles(deps.records, *collection, binding, declared));
  knowledge->declarations = DeclarationText(collection->mapping, binding, declared);
  knowledge->described_by = Fingerprint(knowledge->roles);
  knowledge->end = deps.records.NextSeqNo(collection->id);
  KnowledgeBuild build(deps, collection->id, before.get(), deadline, knowledge.get());
  TRINE_TRY(build.ReadWords());
  if (build.CanReuse()) {
    TRINE_TRY(build.Reuse());
  } else {
    TRINE_TRY(build.ChooseEmbedder());
    TRINE_TRY(build.EmbedRecords());
  }
  knowledge->price_summary = language::SummaryOf(knowledge->prices);
  return std::shared_ptr<const Knowledge>(std::move(knowledge));
}

Status SaveVectors(storage::Directory& directory, const std::string& name, const Knowledge& knowledge) {
  std::string bytes(kMagic, sizeof(kMagic));
  AppendFixed<uint64_t>(knowledge.end.value, &bytes);
  AppendFixed<uint64_t>(knowledge.described_by, &bytes);
  AppendFixed<uint64_t>(knowledge.described, &bytes);
  AppendFixed<uint64_t>(knowledge.embedder_bytes.size(), &bytes);
  bytes += knowledge.embedder_bytes;
  AppendFixed<uint64_t>(knowledge.ids.size(), &bytes);
  for (const std::string& id : knowledge.ids) {
    AppendFixed<uint64_t>(id.size(), &bytes);
    bytes += id;
  }
  TRINE_CHECK_NE(knowledge.vectors, nullptr);
  const std::span<const float> rows = knowledge.vectors->floats();
  TRINE_CHECK_EQ(rows.size(), knowledge.ids.size() * knowledge.embedder->dimension());
  AppendFixed<uint64_t>(rows.size(), &bytes);
  bytes.append(reinterpret_cast<const char*>(rows.data()), rows.size_bytes());
  AppendFixed<uint64_t>(storage::Crc32c(bytes), &bytes);
  return storage::WriteFileAtomically(directory, name, bytes);
}

Result<std::shared_ptr<const Knowledge>> LoadVectors(storage::Directory& directory, const std::string& name,
                                                     const analysis::Analyzers& analyzers) {
  TRINE_ASSIGN(const auto file, directory.Open(name));
  const auto corrupt = [&] {
    return Error(ErrorCode::kCorrupt, "the item vector file is damaged and will be rebuilt").Where(name);
  };
  std::string_view bytes = file->bytes();
  if (bytes.size() < sizeof(kMagic) + sizeof(uint64_t) ||
      std::memcmp(bytes.data(), kMagic, sizeof(kMagic) - 1) != 0)
    return corrupt();
  const char version = bytes[sizeof(kMagic) - 1];
  if (version < '1' || version > kMagic[sizeof(kMagic) - 1]) return corrupt();
  uint64_t sum = 0;
  std::memcpy(&sum, bytes.data() + bytes.size() - sizeof(sum), sizeof(sum));
  bytes.remove_suffix(sizeof(sum));
  if (sum != storage::Crc32c(bytes)) return corrupt();
  auto knowledge = std::make_shared<Knowledge>();
  ByteReader reader(bytes.substr(sizeof(kMagic)));
  const auto text = [&reader] { return reader.Bytes(reader.Fixed<uint64_t>()); };
  knowledge->end.value = reader.Fixed<uint64_t>();
  // Older versions do not say by which roles (1) or from which texts (1, 2) the vectors were made, so they
  // are made again.
  if (version >= '2') knowledge->described_by = reader.Fixed<uint64_t>();
  if (version >= '3') knowledge->described = reader.Fixed<uint64_t>();
  const std::string_view embedder = text();
  const auto count = reader.Fixed<uint64_t>();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) knowledge->ids.emplace_back(text());
  const auto floats = reader.Fixed<uint64_t>();
  if (floats > bytes.size()) return corrupt();
  const std::string_view vectors = reader.Bytes(floats * sizeof(float));
  if (!reader.ok() || reader.left() != 0) return corrupt();
  knowledge->embedder_bytes = std::string(embedder);
  TRINE_TRY(OpenEmbedder(analyzers, knowledge.get()));
  if (floats != count * knowledge->embedder->dimension()) return corrupt();
  std::vector<float> rows(floats);
  std::memcpy(rows.data(), vectors.data(), vectors.size());
  knowledge->vectors =
      std::make_shared<const numeric::VectorTable>(std::move(rows), knowledge->embedder->dimension());
  return std::shared_ptr<const Knowledge>(std::move(knowledge));
}

}  // namespace trine::formation
