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

// Appends the morphemes of one dictionary entry. `features` are the tag, meaning, final consonant, reading,
// type, first tag, last tag and expression, separated by commas. The expression of a compound or contracted
// word lists its parts as "form/tag/meaning", joined by '+'.
void AddMorphemes(std::string_view surface, uint32_t start, std::string_view features, bool known,
                  uint32_t node, std::vector<Morpheme>* out) {
  const std::string_view tag = Field(features, 0);
  const std::string_view type = Field(features, 4);
  const auto end = static_cast<uint32_t>(start + surface.size());
  std::string_view expression = Field(features, 7);
  if (expression.empty() || expression == "*" || type.empty() || type == "*") {
    out->push_back({std::string(surface), std::string(tag), start, end, known, true, node});
    return;
  }
  const size_t first = out->size();
  while (!expression.empty()) {
    const size_t plus = std::min(expression.find('+'), expression.size());
    const std::string_view part = expression.substr(0, plus);
    const size_t slash = part.find('/');
    const std::string_view rest = slash == std::string_view::npos ? "" : part.substr(slash + 1);
    if (slash > 0 && slash != std::string_view::npos) {
      out->push_back({std::string(part.substr(0, slash)), std::string(rest.substr(0, rest.find('/'))), start,
                      end, known, false, node});
    }
    expression.remove_prefix(std::min(plus + 1, expression.size()));
  }
  AssignBytes(surface, start, first, out);
}

}  // namespace

struct MorphemeDictionary::Mecab {
  std::unique_ptr<MeCab::Model> model;
  std::unique_ptr<MeCab::Tagger> tagger;
};

MorphemeDictionary::MorphemeDictionary(std::unique_ptr<Mecab> mecab) : mecab_(std::move(mecab)) {}
MorphemeDictionary::~MorphemeDictionary() = default;

void MorphemeDictionary::Analyze(std::string_view text, std::vector<Morpheme>* morphemes) const {
  const std::unique_ptr<MeCab::Lattice> lattice(mecab_->model->createLattice());
  TRINE_CHECK(lattice != nullptr);
  uint32_t node = 0;
  for (size_t from = 0; from < text.size();) {
    const size_t to = ChunkEnd(text, from);
    TRINE_CHECK_GT(to, from);  // otherwise the loop would never end
    lattice->set_sentence(text.data() + from, to - from);
    if (mecab_->tagger->parse(lattice.get())) {
      for (const MeCab::Node* n = lattice->bos_node()->next; n != nullptr && n->next != nullptr;
           n = n->next) {
        const auto start = static_cast<uint32_t>(n->surface - text.data());
        TRINE_DCHECK_LE(start + n->length, text.size());
        AddMorphemes(std::string_view(n->surface, n->length), start, n->feature, n->stat == MECAB_NOR_NODE,
                     node++, morphemes);
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
