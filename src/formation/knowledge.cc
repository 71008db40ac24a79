#include "formation/knowledge.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "base/bytes.h"
#include "base/check.h"
#include "base/limits.h"

namespace trine::formation {
namespace {

using catalogue::Field;
using catalogue::FieldType;
using format::Json;

constexpr size_t kHashDimension = 256;
constexpr size_t kTrainFrom = 20;           // records; fewer are too few to train an embedder on
constexpr size_t kMaxFacetBytes = 60;       // a longer value is prose, not a facet value
constexpr double kIdLike = 0.5;             // distinct values per record above which a field is an identifier
constexpr size_t kIdLikeFrom = 50;          // distinct values below which kIdLike does not apply
constexpr size_t kMaxEmbeddedBytes = 4000;  // of one record's text
constexpr double kRetrainShare = 0.2;       // growth of a collection beyond which its embedder is retrained
constexpr double kWonMedian = 1000;         // median above which prices without fractions are in won
constexpr char kMagic[8] = {'T', 'R', 'N', 'V', 'E', 'C', '0', '1'};

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool IsTitle(std::string_view path) {
  return Contains(path, "title") || Contains(path, "name") || Contains(path, "상품명");
}
bool IsProse(std::string_view path) {
  return Contains(path, "desc") || Contains(path, "content") || Contains(path, "body") ||
         Contains(path, "text");
}

bool HasKeywordPart(const Field& field) {
  return std::any_of(field.fields.begin(), field.fields.end(),
                     [](const Field& f) { return f.type == FieldType::kKeyword; });
}

// The parts of one record from which the vocabulary and the embedder are built.
struct RecordDescription {
  std::vector<std::string> titles;
  std::vector<std::pair<std::string, std::string>> facets;
  std::string text;  // for the embedder: titles, facets, prose
  double price = -1;
};

RecordDescription Describe(const FieldRoles& roles, const Json& source) {
  RecordDescription d;
  for (const std::string& field : roles.titles) {
    for (std::string& value : TextsAt(source, field)) d.titles.push_back(std::move(value));
  }
  for (const std::string& field : roles.facets) {
    for (std::string& value : TextsAt(source, field)) {
      if (value.size() <= kMaxFacetBytes && !value.empty()) d.facets.emplace_back(field, std::move(value));
    }
  }
  for (const std::string& title : d.titles) d.text += title + "\n";
  for (const auto& [field, value] : d.facets) d.text += value + " ";
  for (const std::string& field : roles.texts) {
    for (const std::string& value : TextsAt(source, field)) d.text += "\n" + value;
  }
  const Json* price = roles.price.empty() ? nullptr : source.FindPath(roles.price);
  if (price != nullptr && price->is_number()) d.price = price->number();
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

std::shared_ptr<const language::Vocabulary> BuildVocabulary(const analysis::Analyzers& analyzers,
                                                            const std::vector<RecordDescription>& all) {
  const auto id_like = IdLikeFields(all);
  language::VocabularyBuilder builder(analyzers);
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

FieldRoles RolesOf(const catalogue::Mapping& mapping) {
  FieldRoles roles;
  for (const auto& [path, field] : mapping.Leaves()) {
    const std::string folded = analysis::Fold(path);
    if (field->type == FieldType::kText) {
      if (IsTitle(folded))
        roles.titles.push_back(path);
      else if (HasKeywordPart(*field) && !IsProse(folded))
        roles.facets.push_back(path);
      else
        roles.texts.push_back(path);
    } else if (field->type == FieldType::kKeyword) {
      const size_t dot = path.rfind('.');
      const Field* parent = dot == std::string::npos ? nullptr : mapping.Find(path.substr(0, dot));
      if (parent == nullptr || parent->type == FieldType::kObject) roles.facets.push_back(path);
    } else if (catalogue::IsNumeric(field->type)) {
      if (roles.price.empty() && (Contains(folded, "price") || Contains(folded, "가격"))) roles.price = path;
      if (roles.weight.empty() && (Contains(folded, "weight") || Contains(folded, "무게")))
        roles.weight = path;
    } else if (field->type == FieldType::kDate && roles.created.empty()) {
      roles.created = path;
    }
  }
  // If no field is named like a title, the first text field is the title.
  if (roles.titles.empty() && !roles.texts.empty()) {
    roles.titles.push_back(roles.texts.front());
    roles.texts.erase(roles.texts.begin());
  }
  return roles;
}

std::string CurrencyOf(std::vector<double> prices) {
  if (prices.empty()) return "";
  const bool whole = std::all_of(prices.begin(), prices.end(), [](double p) { return p == std::floor(p); });
  const auto middle = prices.begin() + static_cast<ptrdiff_t>(prices.size() / 2);
  std::nth_element(prices.begin(), middle, prices.end());
  return whole && *middle > kWonMedian ? "KRW" : "";
}

std::vector<std::string> TextsAt(const Json& source, std::string_view path) {
  std::vector<std::string> out;
  const Json* value = source.FindPath(path);
  const auto add = [&out](const Json& one) {
    if (one.is_string())
      out.push_back(one.string());
    else if (one.is_number() || one.is_bool())
      out.push_back(format::ToString(one));
  };
  if (value == nullptr) return out;
  if (value->is_array())
    std::for_each(value->array().begin(), value->array().end(), add);
  else
    add(*value);
  return out;
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

Result<std::shared_ptr<const Knowledge>> BuildKnowledge(const KnowledgeDependencies& deps,
                                                        const catalogue::CollectionPtr& collection,
                                                        const std::shared_ptr<const Knowledge>& before,
                                                        const Deadline& deadline) {
  auto knowledge = std::make_shared<Knowledge>();
  knowledge->roles = RolesOf(collection->mapping);
  knowledge->end = deps.records.NextSeqNo(collection->id);
  std::vector<RecordDescription> all;
  const Status read =
      deps.records.ScanLive(collection->id, [&](const catalogue::Record& record) -> Result<bool> {
        const auto source = format::ParseJson(record.source);
        if (!source.ok()) return true;  // skip a damaged record
        all.push_back(Describe(knowledge->roles, *source));
        knowledge->ids.push_back(record.id);
        return !deadline.Passed();
      });
  TRINE_TRY(read);
  TRINE_TRY(deadline.Check("reading the catalogue"));
  TRINE_CHECK_EQ(all.size(), knowledge->ids.size());
  knowledge->vocabulary = BuildVocabulary(deps.analyzers, all);
  std::vector<double> prices;
  for (const RecordDescription& d : all) {
    if (d.price >= 0) prices.push_back(d.price);
  }
  knowledge->currency = CurrencyOf(std::move(prices));
  if (before != nullptr && before->end == knowledge->end && before->ids == knowledge->ids &&
      before->embedder != nullptr) {
    // The collection has not changed since `before` was built, so its embedder and vectors are reused. Only
    // the vocabulary had to be built.
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
      std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0)
    return corrupt();
  uint64_t sum = 0;
  std::memcpy(&sum, bytes.data() + bytes.size() - sizeof(sum), sizeof(sum));
  bytes.remove_suffix(sizeof(sum));
  if (sum != storage::Crc32c(bytes)) return corrupt();
  auto knowledge = std::make_shared<Knowledge>();
  ByteReader reader(bytes.substr(sizeof(kMagic)));
  const auto text = [&reader] { return reader.Bytes(reader.Fixed<uint64_t>()); };
  knowledge->end.value = reader.Fixed<uint64_t>();
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
