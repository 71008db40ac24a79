#include "formation/knowledge.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>
#include <unordered_set>

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
constexpr double kIdLike = 0.5;             // distinct values per record above which a field is an identifier
constexpr size_t kIdLikeFrom = 50;          // distinct values below which kIdLike does not apply
constexpr size_t kMaxEmbeddedBytes = 4000;  // of one record's text
constexpr double kRetrainShare = 0.2;       // growth of a collection beyond which its embedder is retrained
constexpr size_t kMaxTagTexts = 500;  // whole texts kept per tag; bounds the query that is built from them
constexpr double kLeastWon = 100, kMostCents = 1000;  // medians between which a price may be either
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
// The last character is the format version; see docs/formats/knowledge.md.
constexpr char kMagic[8] = {'T', 'R', 'N', 'V', 'E', 'C', '0', '2'};

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

// Fields whose values identify records rather than describe them.
std::unordered_set<std::string> IdLikeFields(const std::vector<RecordDescription>& all) {
  std::unordered_map<std::string, std::unordered_set<std::string_view>> distinct;
  for (const RecordDescription& d : all) {
    for (const auto& [field, value] : d.facets) distinct[field].insert(value);
  }
  std::unordered_set<std::string> out;
  for (const auto& [field, values] : distinct) {
    if (values.size() >= kIdLikeFrom &&
        static_cast<double>(values.size()) > kIdLike * static_cast<double>(all.size()))
      out.insert(field);
  }
  return out;
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

std::shared_ptr<const language::Vocabulary> BuildVocabulary(const analysis::Analyzers& analyzers,
                                                            const Roles& roles,
                                                            const std::vector<RecordDescription>& all) {
  const auto id_like = IdLikeFields(all);
  language::VocabularyBuilder builder(analyzers);
  for (const catalogue::FacetField& facet : roles.facets)
    builder.SetKind(facet.path, KindOf(roles, facet.path));
  for (const RecordDescription& d : all) {
    auto facets = d.facets;
    std::erase_if(facets, [&](const auto& facet) { return id_like.count(facet.first) != 0; });
    builder.Add(d.titles, facets);
  }
  return builder.Build();
}

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

Status ChooseEmbedder(const KnowledgeDependencies& deps, const std::vector<RecordDescription>& all,
                      const Knowledge* before, Knowledge* knowledge, const Deadline& deadline) {
  const bool lend =
      before != nullptr && !before->embedder_bytes.empty() &&
      static_cast<double>(all.size()) <= (1 + kRetrainShare) * static_cast<double>(before->ids.size());
  if (lend) {
    knowledge->embedder_bytes = before->embedder_bytes;
  } else if (all.size() >= kTrainFrom) {
    std::vector<std::string> texts;
    texts.reserve(all.size());
    for (const RecordDescription& d : all) texts.push_back(d.text);
    TRINE_ASSIGN(knowledge->embedder_bytes,
                 language::TrainCatalogueEmbedder(deps.analyzers, texts, {}, deadline));
  }
  return OpenEmbedder(deps.analyzers, knowledge);
}

void EmbedAll(const std::vector<RecordDescription>& all, Knowledge* knowledge) {
  const size_t dimension = knowledge->embedder->dimension();
  std::vector<float> rows(all.size() * dimension);
  for (size_t i = 0; i < all.size(); ++i)
    knowledge->embedder->Embed(all[i].text, rows.data() + i * dimension);
  knowledge->vectors = std::make_shared<const numeric::VectorTable>(std::move(rows), dimension);
}

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

bool Knowledge::MayBePricedIn(std::string_view code) const {
  std::vector<double> known;
  std::copy_if(prices.begin(), prices.end(), std::back_inserter(known), [](double p) { return p >= 0; });
  if (known.empty()) return true;
  const bool whole = std::all_of(known.begin(), known.end(), [](double p) { return p == std::floor(p); });
  const auto middle = known.begin() + static_cast<ptrdiff_t>(known.size() / 2);
  std::nth_element(known.begin(), middle, known.end());
  if (code == "KRW") return whole && *middle >= kLeastWon;
  if (code == "USD" || code == "EUR" || code == "GBP") return !whole || *middle <= kMostCents;
  return true;
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
  std::vector<RecordDescription> all;
  const Status read =
      deps.records.ScanLive(collection->id, [&](const catalogue::Record& record) -> Result<bool> {
        const auto source = format::ParseJson(record.source);
        if (!source.ok()) return true;  // skip a damaged record
        all.push_back(Describe(knowledge->roles, *source));
        AddTags(*source, knowledge.get());
        knowledge->ids.push_back(record.id);
        return !deadline.Passed();
      });
  TRINE_TRY(read);
  TRINE_TRY(deadline.Check("reading the catalogue"));
  TRINE_CHECK_EQ(all.size(), knowledge->ids.size());
  knowledge->vocabulary = BuildVocabulary(deps.analyzers, knowledge->roles, all);
  for (const RecordDescription& d : all) {
    knowledge->prices.push_back(d.price);
    knowledge->grams.push_back(d.grams);
  }
  if (before != nullptr && before->end == knowledge->end && before->ids == knowledge->ids &&
      before->described_by == knowledge->described_by && before->embedder != nullptr) {
    // Neither the collection nor its roles have changed since `before` was built, so its embedder and vectors
    // are reused. Only the vocabulary had to be built.
    knowledge->embedder_bytes = before->embedder_bytes;
    knowledge->vectors = before->vectors;
    TRINE_TRY(OpenEmbedder(deps.analyzers, knowledge.get()));
    return std::shared_ptr<const Knowledge>(std::move(knowledge));
  }
  TRINE_TRY(ChooseEmbedder(deps, all, before.get(), knowledge.get(), deadline));
  EmbedAll(all, knowledge.get());
  return std::shared_ptr<const Knowledge>(std::move(knowledge));
}

Status SaveVectors(storage::Directory& directory, const std::string& name, const Knowledge& knowledge) {
  std::string bytes(kMagic, sizeof(kMagic));
  AppendFixed<uint64_t>(knowledge.end.value, &bytes);
  AppendFixed<uint64_t>(knowledge.described_by, &bytes);
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
  // Version 1 does not say by which roles the vectors were made, so they are made again.
  if (version >= '2') knowledge->described_by = reader.Fixed<uint64_t>();
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
