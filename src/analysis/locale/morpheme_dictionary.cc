#include "analysis/locale/morpheme_dictionary.h"

#include <mecab.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace trine::analysis {
namespace {

// Bytes analysed at a time. Bounds memory, because a lattice holds every dictionary word that matches
// anywhere in its text.
constexpr size_t kMaxChunkBytes = 4096;

// The n-th comma-separated field, or empty.
std::string_view Field(std::string_view features, int n) {
  for (; n > 0; --n) {
    const size_t comma = features.find(',');
    if (comma == std::string_view::npos) return {};
    features.remove_prefix(comma + 1);
  }
  return features.substr(0, features.find(','));
}

// Where the chunk that begins at `from` ends: after the last white space within kMaxChunkBytes, else at a
// code point's boundary.
size_t ChunkEnd(std::string_view text, size_t from) {
  if (text.size() - from <= kMaxChunkBytes) return text.size();
  const size_t space = text.find_last_of(" \n\t\r", from + kMaxChunkBytes);
  if (space != std::string_view::npos && space > from) return space + 1;
  size_t to = from + kMaxChunkBytes;
  while (to > from && (static_cast<unsigned char>(text[to]) & 0xC0) == 0x80) --to;
  return to;
}

// Sets the byte range of each part of a compound; the parts are the elements of `out` from index `first` on.
// Does nothing if the joined parts differ from the surface, as in a contraction.
void AssignBytes(std::string_view surface, uint32_t start, size_t first, std::vector<Morpheme>* out) {
  std::string joined;
  for (size_t i = first; i < out->size(); ++i) joined += (*out)[i].form;
  if (joined != surface) return;
  const size_t end = start + surface.size();
  for (size_t i = first; i < out->size(); ++i) {
    Morpheme& m = (*out)[i];
    m.start = start;
    m.end = start += static_cast<uint32_t>(m.form.size());
    m.exact = true;
  }
  TRINE_DCHECK_EQ(size_t{start}, end);
}

// Appends the parts of a word of the user dictionary, or the word itself.
void AddForced(std::string_view text, const ForcedWord& word, uint32_t node, std::vector<Morpheme>* out) {
  uint32_t start = word.start;
  const auto add = [&](uint32_t end) {
    out->push_back({std::string(text.substr(start, end - start)), "NNG", start, end, true, true, node, true});
    start = end;
  };
  if (word.parts == nullptr || word.parts->empty()) return add(word.end);
  for (const uint32_t length : *word.parts) add(start + length);
}

// Appends the morphemes of one dictionary entry.
void AddMorphemes(std::string_view text, const DictionaryEntry& entry, uint32_t node,
                  std::vector<Morpheme>* out) {
  if (entry.forced != nullptr) return AddForced(text, *entry.forced, node, out);
  const std::string_view surface = text.substr(entry.start, entry.end - entry.start);
  if (entry.kind == EntryKind::kMorpheme) {
    out->push_back(
        {std::string(surface), std::string(entry.tag), entry.start, entry.end, entry.known, true, node});
    return;
  }
  const size_t first = out->size();
  ForEachPart(entry.expression, [&](std::string_view form, std::string_view tag) {
    out->push_back({std::string(form), std::string(tag), entry.start, entry.end, entry.known, false, node});
  });
  AssignBytes(surface, entry.start, first, out);
}

// Reads the features of an entry: the tag, meaning, final consonant, reading, type, first tag, last tag and
// expression, separated by commas.
DictionaryEntry EntryOf(std::string_view features) {
  DictionaryEntry entry;
  entry.tag = Field(features, 0);
  entry.reading = Field(features, 3);
  const std::string_view type = Field(features, 4);
  entry.expression = Field(features, 7);
  if (entry.expression.empty() || entry.expression == "*" || type.empty() || type == "*") return entry;
  entry.kind = type == "Compound" ? EntryKind::kCompound : EntryKind::kInflected;
  return entry;
}

// `text` with every forced word replaced by letters of the same length, which MeCab takes for one unknown
// noun, or by digits beside another letter. (MeCab's own constraints end the process if no entry satisfies
// them.)
std::string MaskForced(std::string_view text, std::span<const ForcedWord> forced) {
  std::string masked(text);
  const auto is_letter = [&](size_t at) {
    return at < text.size() && ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z'));
  };
  for (const ForcedWord& word : forced) {
    TRINE_DCHECK_LT(word.start, word.end);
    TRINE_DCHECK_LE(word.end, text.size());
    const bool beside_letter = is_letter(word.end) || (word.start > 0 && is_letter(word.start - 1));
    std::fill(masked.begin() + word.start, masked.begin() + word.end, beside_letter ? '0' : 'z');
  }
  return masked;
}

// Passes on the entries of one analysis. Where an entry overlaps forced words, passes on these instead, each
// once, and what is left of the entry between them.
class ForcedEntries {
 public:
  ForcedEntries(std::span<const ForcedWord> forced, const std::function<void(const DictionaryEntry&)>& visit)
      : forced_(forced), visit_(visit) {}

  void Add(DictionaryEntry entry) {
    while (entry.start < entry.end) {
      while (next_ < forced_.size() && forced_[next_].end <= entry.start) ++next_;
      if (next_ == forced_.size() || forced_[next_].start >= entry.end) return visit_(entry);
      const ForcedWord& word = forced_[next_];
      if (word.start > entry.start) {
        DictionaryEntry before = entry;
        before.end = word.start;
        before.kind = EntryKind::kMorpheme;
        visit_(before);
      }
      if (next_ >= passed_) {
        passed_ = next_ + 1;
        DictionaryEntry whole;
        whole.start = word.start;
        whole.end = word.end;
        whole.tag = "NNG";
        whole.forced = &word;
        visit_(whole);
      }
      entry.start = word.end;
      entry.kind = EntryKind::kMorpheme;
    }
  }

 private:
  const std::span<const ForcedWord> forced_;
  const std::function<void(const DictionaryEntry&)>& visit_;
  size_t next_ = 0;    // the words before it end before the newest entry
  size_t passed_ = 0;  // the words before it were passed on
};

}  // namespace

void ForEachPart(std::string_view expression,
                 const std::function<void(std::string_view form, std::string_view tag)>& visit) {
  while (!expression.empty()) {
    const size_t plus = std::min(expression.find('+'), expression.size());
    const std::string_view part = expression.substr(0, plus);
    const size_t slash = part.find('/');
    const std::string_view rest = slash == std::string_view::npos ? "" : part.substr(slash + 1);
    if (slash > 0 && slash != std::string_view::npos)
      visit(part.substr(0, slash), rest.substr(0, rest.find('/')));
    expression.remove_prefix(std::min(plus + 1, expression.size()));
  }
}

struct MorphemeDictionary::Mecab {
  std::unique_ptr<MeCab::Model> model;
  std::unique_ptr<MeCab::Tagger> tagger;
};

MorphemeDictionary::MorphemeDictionary(std::unique_ptr<Mecab> mecab) : mecab_(std::move(mecab)) {}
MorphemeDictionary::~MorphemeDictionary() = default;

void MorphemeDictionary::Analyze(std::string_view text, std::span<const ForcedWord> forced,
                                 std::vector<Morpheme>* morphemes) const {
  uint32_t node = 0;
  Visit(text, forced, [&](const DictionaryEntry& entry) { AddMorphemes(text, entry, node++, morphemes); });
}

void MorphemeDictionary::Visit(std::string_view text, std::span<const ForcedWord> forced,
                               const std::function<void(const DictionaryEntry&)>& visit) const {
  const std::unique_ptr<MeCab::Lattice> lattice(mecab_->model->createLattice());
  TRINE_CHECK(lattice != nullptr);
  std::string masked;
  if (!forced.empty()) {
    masked = MaskForced(text, forced);
    text = masked;
  }
  ForcedEntries entries(forced, visit);
  for (size_t from = 0; from < text.size();) {
    const size_t to = ChunkEnd(text, from);
    TRINE_CHECK_GT(to, from);  // otherwise the loop would never end
    lattice->set_sentence(text.data() + from, to - from);
    if (mecab_->tagger->parse(lattice.get())) {
      for (const MeCab::Node* n = lattice->bos_node()->next; n != nullptr && n->next != nullptr;
           n = n->next) {
        DictionaryEntry entry = EntryOf(n->feature);
        entry.start = static_cast<uint32_t>(n->surface - text.data());
        entry.end = entry.start + n->length;
        TRINE_DCHECK_LE(entry.end, text.size());
        entry.known = n->stat == MECAB_NOR_NODE;
        entries.Add(entry);
      }
    }
    lattice->clear();
    from = to;
  }
}

Result<std::shared_ptr<const MorphemeDictionary>> MorphemeDictionary::Open(const std::string& folder) {
  // Without -r, MeCab would search this machine for a resource file; /dev/null acts as an empty one.
  std::vector<std::string> arguments = {"trine", "-r", "/dev/null", "-d", folder};
  std::vector<char*> argv;
  argv.reserve(arguments.size());
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::unique_ptr<MeCab::Model> model(MeCab::createModel(static_cast<int>(argv.size()), argv.data()));
  if (model == nullptr) {
    const char* why = MeCab::getLastError();
    return Error(ErrorCode::kUnavailable, "cannot open the Korean dictionary")
        .Expected("sys.dic, matrix.bin, char.bin, unk.dic and dicrc of mecab-ko-dic")
        .Got(why == nullptr ? "" : why)
        .Where(folder);
  }
  auto mecab = std::make_unique<Mecab>();
  mecab->model = std::move(model);
  mecab->tagger.reset(mecab->model->createTagger());
  TRINE_CHECK(mecab->tagger != nullptr);
  return std::shared_ptr<const MorphemeDictionary>(new MorphemeDictionary(std::move(mecab)));
}

}  // namespace trine::analysis
