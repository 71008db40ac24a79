// Reads the words of a question in three steps: each written word becomes one or more units, each mark of
// refusal takes units away from the wanted ones, and what is left is returned.
#include "language/question_reader.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "analysis/locale/korean.h"
#include "base/check.h"
#include "base/text.h"
#include "format/text.h"
#include "language/catalogue_names.h"
#include "language/filler.h"
#include "language/intent_price.h"
#include "language/plain_text.h"
#include "language/question_unit.h"
#include "language/refusal.h"
#include "language/refusal_marks.h"
#include "language/word_reader.h"

namespace trine::language {
namespace {

// Units that together are refused by one mark, in the order of the text.
struct Group {
  std::vector<size_t> units;
  bool by_list = false;  // joined to the others by a comma or "and" only
  bool has_number = false;  // a number describes it, which is a quantity of the question: "1인용 텐트 말고"
  bool mark_precedes = false;  // as in English, where a noun describes the next one
  bool is_described = false;   // the mark is "no" or "not", which may belong to an adjective: "no dig edging"
};

class QuestionReader {
 public:
  QuestionReader(std::string_view text, const Vocabulary* vocabulary,
                 const std::vector<std::string>& goods_words, const std::vector<std::string>& ids)
      : vocabulary_(vocabulary),
        goods_words_(goods_words),
        ids_(ids),
        text_(SeparateMarks(text, NameCheck())) {}

  ReadResult Read(const analysis::Analyzers& analyzers) {
    const std::vector<WrittenWord> names = FindNames(text_, vocabulary_, ids_);
    std::vector<RefusalMark> marks = FindRefusalMarks(text_, names, NameCheck());
    for (const SurfaceWord& written : ReadSurfaceWords(text_, analyzers)) {
      const auto name = std::find_if(names.begin(), names.end(), [&](const WrittenWord& n) {
        return written.begin >= n.begin && written.begin < n.end;
      });
      if (name != names.end()) {
        AddName(*name, written);
        continue;
      }
      const auto mark = std::find_if(marks.begin(), marks.end(), [&](const RefusalMark& m) {
        return written.begin >= m.begin && written.begin < m.end;
      });
      if ((mark != marks.end() && !mark->ordinary) || IsContractedVerb(written)) continue;
      const size_t first = units_.size();
      AddUnits(written);
      for (size_t i = first; i < units_.size() && mark != marks.end(); ++i) units_[i].role = Role::kDropped;
    }
    ReadDoubleNegations(&marks);
    std::erase_if(marks, [this](const RefusalMark& mark) {
      if (Resolve(mark) || !mark.ordinary) return false;
      for (Unit& unit : units_) {
        if (unit.written.begin >= mark.begin && unit.written.begin < mark.end) unit.role = Role::kWanted;
      }
      return true;
    });
    BlankRefusals(marks);
    Collect();
    return std::move(result_);
  }

 private:
  IsCatalogueName NameCheck() const {
    return [this](std::string_view name) { return IsName(vocabulary_, name); };
  }

  // Whether a word is the end of a contraction that was split: the "s" of "that's".
  static bool IsContractedVerb(const SurfaceWord& written) {
    static constexpr std::string_view kVerbs[] = {"s", "d", "ll", "re", "ve", "m", "t"};
    return written.gap_before == "'" &&
           std::find(std::begin(kVerbs), std::end(kVerbs), written.surface) != std::end(kVerbs);
  }

  // Adds a word of a name, which is one unit.
  void AddName(const WrittenWord& name, const SurfaceWord& part) {
    if (units_.empty() || units_.back().written.begin != name.begin) {
      Unit unit;
      unit.written.begin = name.begin;
      for (const char c : std::string_view(text_).substr(name.begin, name.end - name.begin)) {
        if (c != ' ' || !unit.written.surface.ends_with(' ')) unit.written.surface += c;
      }
      unit.comma_before = part.gap_before.find_first_of(",/") != std::string::npos;
      unit.content = unit.is_name = true;
      std::string joined = unit.written.surface;
      std::erase(joined, ' ');
      unit.word = {unit.written.surface, {unit.written.surface, std::move(joined)}, {}};
      units_.push_back(std::move(unit));
    }
    Unit& unit = units_.back();
    unit.written.end = std::max(name.end, part.end);
    unit.written.ending = unit.ending = part.end > name.end ? part.ending : "";
  }

  void AddUnits(const SurfaceWord& written) {
    Unit unit;
    unit.written = written;
    unit.ending = written.ending;
    const std::string whole = written.surface + written.ending;
    unit.connective = ConnectiveOf(whole);
    unit.comma_before = written.gap_before.find_first_of(",/") != std::string::npos;
    std::vector<std::string> forms = written.readings;
    forms.push_back(written.surface);
    const auto any = [&forms](const auto& is) { return std::any_of(forms.begin(), forms.end(), is); };
    for (const std::string_view copula : {"인데", "인데요", "이고", "이지만", "이면", "이요", "이에요",
                                          "예요", "으로", "거", "것", "건", "걸", "거는", "것은"}) {
      if (!HasHangul(whole) || vocabulary_ == nullptr || !whole.ends_with(copula)) continue;
      const std::string noun = whole.substr(0, whole.size() - copula.size());
      if (!noun.empty() && IsInCatalogue(*vocabulary_, noun)) unit.written.readings.push_back(noun);
    }
    if (std::string name = NameBeforeRequest(whole, vocabulary_); !name.empty())
      unit.written.readings.push_back(std::move(name));
    unit.ends_clause = whole.ends_with("인데") || whole.ends_with("이지만") || whole.ends_with("지만");
    const bool goods = any([&](const std::string& f) {
      return std::find(goods_words_.begin(), goods_words_.end(), f) != goods_words_.end();
    });
    const bool plain =
        any([](const std::string& f) { return IsStopWord(f) || IsWishWord(f) || IsMoneyWord(f); });
    const bool known = vocabulary_ != nullptr && IsInCatalogue(*vocabulary_, written.surface);
    const bool generic = !known && any([](const std::string& f) { return IsGenericNoun(f); });
    unit.is_link = IsRefusalLink(whole) || IsRefusalLink(written.surface);
    unit.content = goods || (!plain && !generic);
    unit.attribute = !goods && any([](const std::string& f) {
      return !OppositeOf(f).empty() || (IsWishWord(f) && !FindWishes(f).empty()) ||
             FindSort(f).sort != QueryIntent::Sort::kRelevance;
    });
    if (!unit.content || unit.connective != Connective::kNone) {
      unit.word.text = written.surface;
      unit.word.lookup_forms = std::move(forms);
      units_.push_back(std::move(unit));
      return;
    }
    std::vector<QuestionWord> parts = WordsOf(unit.written, vocabulary_);
    for (size_t i = 0; i < parts.size(); ++i) {
      Unit part = unit;
      part.word = std::move(parts[i]);
      part.last_part = i + 1 == parts.size();
      part.comma_before = unit.comma_before && i == 0;
      if (parts.size() > 1 && IsStopWord(part.word.text)) part.content = false;
      if (whole.starts_with(part.word.text)) part.ending = whole.substr(part.word.text.size());
      if (!part.last_part) part.ending.clear();
      part.word.ending = part.ending;
      units_.push_back(std::move(part));
    }
  }

  // The particle behind a unit. An unknown word may still end with its particle, so that the end of the word
  // counts too.
  std::string ParticleOf(const Unit& unit) const {
    if (!unit.ending.empty() || !HasHangul(unit.word.text)) return unit.ending;
    if (vocabulary_ != nullptr && IsInCatalogue(*vocabulary_, unit.word.text)) return "";
    return unit.word.text.substr(analysis::LengthWithoutParticle(unit.word.text));
  }

  // Whether a particle sets a word apart from the phrase behind it: "후디는 블랙 말고". 은 and 는 may also be
  // the ending of an adjective ("검은", "얇은"), which then describes what follows.
  bool EndsPart(const Unit& unit, const std::string& particle) const {
    if (!unit.last_part || particle.empty() || particle == "의") return false;
    if (particle != "은" && particle != "는") return true;
    const auto& forms = unit.word.lookup_forms;
    const auto is_adjective = [](const std::string& form) { return form.size() > 3 && form.ends_with("다"); };
    if (!ColourSynonyms(unit.written.surface + unit.written.ending).empty()) return false;
    if (std::any_of(forms.begin(), forms.end(), is_adjective)) return false;
    std::string noun = unit.word.text;
    if (noun.ends_with(particle)) noun.resize(noun.size() - particle.size());
    return (vocabulary_ != nullptr && IsInCatalogue(*vocabulary_, noun)) || !SynonymsOf(noun).empty() ||
           FindGender(noun).has_value();
  }

  static bool IsUsable(const Unit& unit) {
    return unit.role == Role::kWanted && unit.connective == Connective::kNone &&
           (unit.content || unit.attribute) &&
           (unit.is_name || !HasDigit(unit.written.surface) || IsModelWord(unit.written.surface));
  }

  // Whether a unit says why the property before it is refused: the 더워서 of "기모는 더워서 싫어".
  bool IsReason(size_t i, size_t from) const {
    const std::string whole = units_[i].written.surface + units_[i].written.ending;
    if (!whole.ends_with("서") || whole.size() <= std::string_view("서").size() * 2) return false;
    while (i > 0 && units_[i - 1].is_link) --i;
    if (i == 0 || units_[i - 1].written.begin < from || !IsUsable(units_[i - 1])) return false;
    // "텐트는 비싸서 싫어" asks for another tent.
    if (IsOnlyGoods({{i - 1}})) return false;
    const std::string particle = ParticleOf(units_[i - 1]);
    return particle == "은" || particle == "는" || particle == "이" || particle == "가" || particle == "도";
  }

  // The groups before a mark, the nearest first.
  std::vector<Group> GroupsBefore(const RefusalMark& mark) {
    std::vector<Group> groups;
    bool conjunction = false, comma = false;
    for (size_t i = units_.size(); i-- > 0;) {
      Unit& unit = units_[i];
      if (unit.written.begin >= mark.until) continue;
      if (unit.written.begin < mark.from) break;
      if (unit.connective == Connective::kAnd) {
        conjunction = true;
        continue;
      }
      const bool was_comma = std::exchange(comma, comma || unit.comma_before);
      if (unit.is_link || (groups.empty() && IsReason(i, mark.from))) {
        unit.role = Role::kDropped;
        continue;
      }
      if (!IsUsable(unit) || unit.ends_clause) {
        if (HasDigit(unit.written.surface) && !groups.empty()) groups.back().has_number = true;
        break;
      }
      comma = unit.comma_before;
      const std::string particle = ParticleOf(unit);
      if (groups.empty()) {
        groups.emplace_back();
      } else if (conjunction || IsAndEnding(particle) || particle == "도") {
        groups.emplace_back();
      } else if (was_comma) {
        groups.emplace_back().by_list = true;
      } else if (EndsPart(unit, particle)) {
        break;  // another part of the sentence: "후디는 블랙 말고"
      }
      groups.back().units.insert(groups.back().units.begin(), i);
      conjunction = false;
    }
    return groups;
  }

  // The groups after a mark, the nearest first.
  std::vector<Group> GroupsAfter(const RefusalMark& mark) {
    std::vector<Group> groups;
    bool conjunction = false, strong = false, comma = false;
    const std::string_view mark_text = std::string_view(text_).substr(mark.begin, mark.end - mark.begin);
    size_t joined_by_comma = 0;  // groups at the end that only commas join to the others
    for (size_t i = 0; i < units_.size(); ++i) {
      Unit& unit = units_[i];
      if (unit.written.begin < mark.from) continue;
      if (unit.written.begin >= mark.until) break;
      if (groups.empty() && unit.comma_before && !mark.beside) break;
      if (unit.connective == Connective::kAnd) {
        conjunction = true;
        strong = unit.word.text == "or" || unit.word.text == "nor";
        continue;
      }
      comma = comma || unit.comma_before;
      if (unit.is_link || (groups.empty() && !IsUsable(unit) && !unit.content)) {
        unit.role = Role::kDropped;
        continue;
      }
      if (!IsUsable(unit) || (!groups.empty() && IsBrowsingWord(unit.written.surface))) break;
      if (groups.empty()) {
        groups.emplace_back();
      } else if (conjunction) {
        groups.emplace_back().by_list = !strong;
        joined_by_comma = 0;
      } else if (comma) {
        groups.emplace_back().by_list = true;
        ++joined_by_comma;
      }
      groups.back().units.push_back(i);
      groups.back().mark_precedes = true;
      groups.back().is_described = mark_text == "no" || mark_text == "not";
      conjunction = comma = false;
    }
    // "not hoodies, tops": without "or" or "and" before the last one it is not a list. A value of the same
    // field may belong to an exception ("except black, red"), so that it is not wanted either.
    const size_t members = groups.size() - joined_by_comma;
    for (size_t i = members; i < groups.size() && IsException(mark_text); ++i) {
      const Phrase first = PhrasesOf(groups.front()).back(), last = PhrasesOf(groups[i]).back();
      const std::string kind = KindOf(groups[i], last);
      if (last.values.empty() || kind == "goods" || kind != KindOf(groups.front(), first)) break;
      Drop(groups[i].units);
    }
    groups.resize(members);
    return groups;
  }

  static bool IsException(std::string_view mark) {
    return mark.starts_with("exc") || mark.ends_with("but") || mark.ends_with("than") || mark == "without" ||
           mark == "minus";
  }

  std::vector<QuestionWord> WordsAt(const std::vector<size_t>& units) const {
    std::vector<QuestionWord> words;
    for (const size_t i : units) words.push_back(units_[i].word);
    return words;
  }

  // The phrases of a group, as places [first, last) in it, in its order.
  std::vector<Phrase> PhrasesOf(const Group& group) const {
    const std::vector<QuestionWord> words = WordsAt(group.units);
    std::vector<Phrase> phrases;
    for (size_t last = words.size(); last > 0;) {
      std::optional<Phrase> phrase;
      if (vocabulary_ != nullptr) phrase = FindPhrase(*vocabulary_, words, 0, last, true);
      if (!phrase) phrase = Phrase{last - 1, last, {}};
      last = phrase->first;
      phrases.insert(phrases.begin(), std::move(*phrase));
    }
    return phrases;
  }

  bool IsGoods(const std::vector<QuestionWord>& words, const Phrase& phrase) const {
    const auto is_category = [&](const Vocabulary::Value& v) {
      return vocabulary_->KindOf(v.field) == FieldKind::kCategory;
    };
    if (std::any_of(phrase.values.begin(), phrase.values.end(), is_category)) return true;
    const auto names_goods = [](const std::string& form) { return !GoodsSynonyms(form).empty(); };
    const QuestionWord& last = words[phrase.last - 1];
    return names_goods(last.text) ||
           std::any_of(last.lookup_forms.begin(), last.lookup_forms.end(), names_goods) ||
           (phrase.values.empty() && IsHeadOfTitles(last));
  }

  // Whether the titles of the catalogue call products by a word.
  bool IsHeadOfTitles(const QuestionWord& word) const {
    return vocabulary_ != nullptr && word.synonyms.empty() && !FindGender(word.text) &&
           std::any_of(word.lookup_forms.begin(), word.lookup_forms.end(),
                       [this](const std::string& form) { return vocabulary_->NamesProducts(form); });
  }

  // The subject of a phrase: phrases of one kind may be members of one list.
  std::string KindOf(const Group& group, const Phrase& phrase) const {
    const std::vector<QuestionWord> words = WordsAt(group.units);
    const QuestionWord& last = words[phrase.last - 1];
    if (IsGoods(words, phrase)) return "goods";
    if (!ColourSynonyms(last.text).empty() || !last.synonyms.empty()) return "colour";
    if (FindGender(last.text)) return "gender";
    if (!phrase.values.empty()) return phrase.values.front().field;
    return units_[group.units[phrase.last - 1]].attribute ? "wish" : "word";
  }

  // The goods that the question names outside of refusals and of `group`.
  std::vector<QuestionWord> OtherGoods(const Group& group) const {
    Group others;
    for (size_t i = 0; i < units_.size(); ++i) {
      const Unit& unit = units_[i];
      if (IsUsable(unit) && unit.content &&
          std::find(group.units.begin(), group.units.end(), i) == group.units.end())
        others.units.push_back(i);
    }
    const std::vector<QuestionWord> words = WordsAt(others.units);
    std::vector<QuestionWord> goods;
    for (const Phrase& phrase : PhrasesOf(others)) {
      if (IsGoods(words, phrase)) goods.push_back(words[phrase.last - 1]);
    }
    return goods;
  }

  // Whether the question has a content word outside of refusals and of `group`.
  bool WantsOthers(const Group& group) const {
    for (size_t i = 0; i < units_.size(); ++i) {
      const bool inside = std::find(group.units.begin(), group.units.end(), i) != group.units.end();
      if (!inside && units_[i].content && IsUsable(units_[i])) return true;
    }
    return false;
  }

  static bool IsSame(const QuestionWord& a, const QuestionWord& b) {
    return Singular(a.text) == Singular(b.text) || (!a.synonyms.empty() && a.synonyms == b.synonyms);
  }

  // Decides which words a mark refuses. Returns whether there are words on its side that it can refuse.
  bool Resolve(const RefusalMark& mark) {
    if (mark.negates_one_word) {
      NegateWord(mark);
      return true;
    }
    if (mark.between && !IsBetweenAlike(mark)) return false;
    if (mark.beside) return ResolveBeside(mark);
    if (mark.double_negation) return true;
    const std::vector<Group> groups = mark.precedes ? GroupsAfter(mark) : GroupsBefore(mark);
    if (groups.empty())
      DropBefore(mark);
    else
      ResolveGroups(mark, groups);
    return !groups.empty();
  }

  // Whether the words before and behind a mark are of one kind: two colours, two brands. The product may be
  // named on both sides: "red hammers over black hammers".
  bool IsBetweenAlike(const RefusalMark& mark) const {
    Group before, behind;
    const size_t from = BeginOfClause(text_, mark.begin, 0);
    for (size_t i = 0; i < units_.size(); ++i) {
      const size_t at = units_[i].written.begin;
      if (!IsUsable(units_[i])) continue;
      if (at >= from && at < mark.begin) before.units.push_back(i);
      if (at >= mark.end && at < mark.until) behind.units.push_back(i);
    }
    if (before.units.empty() || behind.units.empty()) return false;
    std::vector<Phrase> phrases = PhrasesOf(before);
    const std::vector<Phrase> others = PhrasesOf(behind);
    const std::string kind = KindOf(behind, others.front());
    const bool both = IsSame(WordsAt(before.units).back(), WordsAt(behind.units).back());
    if (phrases.size() > 1 && both && kind != "goods") phrases.pop_back();
    return kind != "word" && kind != "wish" && kind == KindOf(before, phrases.back());
  }

  // Whether an unknown word is all that is left of a question without what two marks say of it.
  bool IsOnlyWant(const RefusalMark& one, const RefusalMark& next, Group group) const {
    const std::vector<Phrase> phrases = PhrasesOf(group);
    if (phrases.size() != 1 || KindOf(group, phrases.front()) != "word") return false;
    for (size_t i = 0; i < units_.size(); ++i) {
      const size_t at = units_[i].written.begin;
      if ((at >= one.from && at < one.until) || (at >= next.from && at < next.until))
        group.units.push_back(i);
    }
    return !WantsOthers(group);
  }

  // Tells of each two marks that may cancel each other whether they do: the refused product is only called by
  // its name ("방수 안 되는 코트는 싫어"), and no other product is asked for. What the product lacks is then
  // named, and the product stays wanted. Else the marks refuse as usual.
  void ReadDoubleNegations(std::vector<RefusalMark>* marks) {
    for (size_t m = 1; m < marks->size(); ++m) {
      RefusalMark &one = (*marks)[m - 1], &next = (*marks)[m];
      if (!std::exchange(next.double_negation, false)) continue;
      const std::vector<Group> groups = next.precedes ? GroupsAfter(one) : GroupsBefore(next);
      const bool goods =
          groups.size() == 1 && (IsOnlyGoods(groups.front()) || IsOnlyWant(one, next, groups.front()));
      if (groups.empty() ? next.precedes : !goods || !OtherGoods(groups.front()).empty()) continue;
      RefusalMark &lacks = next.precedes ? next : one, &refuses = next.precedes ? one : next;
      refuses.double_negation = true;
      lacks.unclear = true;
    }
  }

  void ResolveGroups(const RefusalMark& mark, const std::vector<Group>& groups) {
    TRINE_DCHECK(!groups.empty());
    const std::string kind = KindOf(groups.front(), PhrasesOf(groups.front()).back());
    const Unit& nearest = units_[groups.front().units.back()];
    const bool is_topic = ParticleOf(nearest) == "은" || ParticleOf(nearest) == "는";
    for (const Group& group : groups) {
      if (group.by_list && KindOf(group, PhrasesOf(group).back()) != kind) {
        // "후디, 기모는 제외": another part of the sentence, unless nothing tells.
        const bool goods = KindOf(group, PhrasesOf(group).back()) == "goods";
        if (!goods && !is_topic) Drop(group.units);
        if (!mark.precedes) break;
        continue;
      }
      if (!mark.unclear) {
        ResolveGroup(group);
      } else if (IsOnlyGoods(group) && (mark.beside || !mark.precedes)) {
        Drop(group.units);
      } else {
        DropAttributes(group);
      }
    }
  }

  bool IsOnlyGoods(const Group& group) const {
    const std::vector<Phrase> phrases = PhrasesOf(group);
    return phrases.size() == 1 && IsGoods(WordsAt(group.units), phrases.front());
  }

  // Whether something that can be refused follows a mark without other words between.
  bool IsDirectlyBehind(const RefusalMark& mark) const {
    const auto next = std::find_if(units_.begin(), units_.end(), [&](const Unit& unit) {
      return unit.written.begin >= mark.end && !unit.is_link;
    });
    return next != units_.end() && next->written.begin < mark.behind && IsUsable(*next);
  }

  // Resolves an interjection, which may be about what precedes it and about what follows. Words that no
  // punctuation separates from it are nearer. If it is between a product noun and a property, it is about the
  // property.
  bool ResolveBeside(const RefusalMark& mark) {
    RefusalMark behind = mark;
    behind.precedes = behind.unclear = true;
    behind.from = mark.end;
    behind.until = mark.behind;
    std::vector<Group> left = GroupsBefore(mark), right;
    if (IsDirectlyBehind(mark)) right = GroupsAfter(behind);
    if (!left.empty() && !right.empty()) {
      const bool goods_left = IsOnlyGoods(left.front()), goods_right = IsOnlyGoods(right.front());
      if (mark.apart_before != mark.apart_behind)
        (mark.apart_before ? left : right).clear();
      else if (!mark.unclear)
        right.clear();
      else if (goods_left != goods_right)
        (goods_left ? left : right).clear();
      else if (mark.apart_before || goods_left)
        right.clear();
    }
    if (!left.empty()) ResolveGroups(mark, left);
    if (!right.empty()) ResolveGroups(behind, right);
    return !left.empty() || !right.empty();
  }

  // A mark behind which nothing is refused may belong to what precedes it: "black is not good".
  void DropBefore(const RefusalMark& mark) {
    if (!mark.precedes) return;
    const auto follows = [&](const Unit& unit) {
      return unit.written.begin >= mark.end && HasDigit(unit.written.surface);
    };
    if (std::any_of(units_.begin(), units_.end(), follows)) return;
    RefusalMark before = mark;
    before.precedes = false;
    before.until = mark.begin;
    before.from = BeginOfClause(text_, mark.begin, 0);
    for (size_t i = units_.size(); i-- > 0;) {
      const Unit& unit = units_[i];
      if (unit.written.begin >= before.until || unit.written.begin < before.from) continue;
      if (IsUsable(unit)) break;
      before.until = unit.written.begin;
    }
    const std::vector<Group> groups = GroupsBefore(before);
    if (groups.empty()) return;
    // "hoodies? no. tees"
    if (IsOnlyGoods(groups.front()) && !OtherGoods(groups.front()).empty())
      Drop(groups.front().units);
    else
      DropAttributes(groups.front());
  }

  // Names everything but the product noun at the end ("not only black hoodies"), or at the beginning before a
  // mark that follows ("hoodie black, ew").
  void DropAttributes(const Group& group) {
    const std::vector<QuestionWord> words = WordsAt(group.units);
    const std::vector<Phrase> phrases = PhrasesOf(group);
    size_t first = 0, last = group.units.size();
    if (IsGoods(words, phrases.back()))
      last = phrases.back().first;
    else if (phrases.size() > 1 && !group.mark_precedes && IsGoods(words, phrases.front()))
      first = phrases.front().last;
    Drop({group.units.begin() + static_cast<ptrdiff_t>(first),
          group.units.begin() + static_cast<ptrdiff_t>(last)});
  }

  // Whether the first phrase of a group is the wanted product and the second one is refused: "후디 블랙
  // 말고". Nothing else that the question wants shows that an unknown word is the product: "lipstick 빨간색
  // 말고".
  bool IsTopic(const Group& group, const std::vector<Phrase>& phrases) const {
    if (group.mark_precedes) return false;
    if (IsGoods(WordsAt(group.units), phrases.front())) return true;
    const std::string kind = KindOf(group, phrases.back());
    const bool value = kind == "colour" || kind == "gender" || !phrases.back().values.empty();
    return KindOf(group, phrases.front()) == "word" && value && !WantsOthers(group);
  }

  // Whether the last phrase of a group is the product that the others describe. A word that is only the last
  // one of titles describes a product that is named before it: "후디 기모 제외".
  bool EndsWithGoods(const Group& group, const std::vector<Phrase>& phrases) const {
    const std::vector<QuestionWord> words = WordsAt(group.units);
    if (!IsGoods(words, phrases.back())) return false;
    const bool learned = phrases.back().values.empty() && words.back().synonyms.empty();
    return group.mark_precedes || !learned || !IsGoods(words, phrases.front());
  }

  void ResolveGroup(const Group& group) {
    TRINE_DCHECK(!group.units.empty());
    const std::vector<QuestionWord> words = WordsAt(group.units);
    const std::vector<Phrase> phrases = PhrasesOf(group);
    if (phrases.size() == 1) {
      if (IsGoods(words, phrases[0]) && IsAlsoWanted(words.back(), group))
        return group.has_number ? SetRole(group, phrases[0], Role::kDropped) : Drop(group.units);
      return Refuse(group, phrases[0]);
    }
    const bool named_goods = EndsWithGoods(group, phrases);
    if (named_goods || IsDescribed(group, phrases)) return RefuseDescribed(group, phrases, named_goods);
    const bool is_topic = IsTopic(group, phrases);
    if (is_topic && phrases.size() == 2) return Refuse(group, phrases.back());
    const auto of_first_kind = [&](const Phrase& p) {
      return KindOf(group, p) == KindOf(group, phrases.front());
    };
    const bool values =
        std::all_of(phrases.begin(), phrases.end(), [](const Phrase& p) { return !p.values.empty(); });
    if (values && std::all_of(phrases.begin(), phrases.end(), of_first_kind)) {
      for (const Phrase& phrase : phrases) Refuse(group, phrase);
      return;
    }
    const auto plain_word = [&](const Phrase& p) {
      return p.values.empty() && units_[group.units[p.first]].content;
    };
    if (std::all_of(phrases.begin(), phrases.end(), plain_word)) {
      if (group.is_described && !WantsOthers(group)) {
        if (phrases.size() == 2) return Refuse(group, phrases.front());
        return Drop({group.units.begin(), group.units.end() - 1});
      }
      result_.refused_together.push_back(TextOf(group.units, 0, group.units.size()));
      for (const Phrase& phrase : phrases) SetRole(group, phrase, Role::kRefused);
      return;
    }
    // "후디 진한 블랙 말고": the product stays wanted.
    const size_t first = is_topic ? phrases.front().last : 0;
    Drop({group.units.begin() + static_cast<ptrdiff_t>(first), group.units.end()});
  }

  // Whether the last word of a group is an unknown word that only attributes describe: "black tent".
  bool IsDescribed(const Group& group, const std::vector<Phrase>& phrases) const {
    if (KindOf(group, phrases.back()) != "word") return false;
    return std::all_of(phrases.begin(), phrases.end() - 1, [&](const Phrase& p) {
      const std::string kind = KindOf(group, p);
      return kind == "colour" || kind == "gender" || kind == "wish";
    });
  }

  bool IsAlsoWanted(const QuestionWord& goods, const Group& group) const {
    const std::vector<QuestionWord> others = OtherGoods(group);
    return std::any_of(others.begin(), others.end(), [&](const QuestionWord& o) { return IsSame(o, goods); });
  }

  // Refuses attributes with the product noun that they describe: "black tent".
  void RefuseDescribed(const Group& group, const std::vector<Phrase>& phrases, bool named_goods) {
    const std::vector<QuestionWord> words = WordsAt(group.units);
    const std::vector<QuestionWord> others = OtherGoods(group);
    const bool same = std::any_of(others.begin(), others.end(),
                                  [&](const QuestionWord& other) { return IsSame(other, words.back()); });
    if (!others.empty() && !same) {
      // Without the product noun nothing is left that the attributes could describe.
      for (const Phrase& phrase : phrases) SetRole(group, phrase, Role::kDropped);
      return Refuse(group, phrases.back());
    }
    if (phrases.size() == 2)
      Refuse(group, phrases.front());
    else
      Drop({group.units.begin(), group.units.begin() + static_cast<ptrdiff_t>(phrases.back().first)});
    if (!named_goods) SetRole(group, phrases.back(), Role::kDropped);
  }

  // The place of the word before a negated Korean predicate if it may be its subject: not a product noun.
  // Else the number of units.
  size_t SubjectOf(size_t predicate) const {
    if (predicate == 0 || !HasHangul(units_[predicate].written.surface)) return units_.size();
    const Unit& subject = units_[predicate - 1];
    const std::string particle = ParticleOf(subject);
    if (!IsUsable(subject) || units_[predicate].comma_before || particle == "로" || particle == "으로")
      return units_.size();
    std::vector<QuestionWord> words = {subject.word};
    Phrase phrase{0, 1, {}};
    if (vocabulary_ != nullptr) phrase = FindPhrase(*vocabulary_, words, 0, 1, true).value_or(phrase);
    return IsGoods(words, phrase) ? units_.size() : predicate - 1;
  }

  // Negates one word, with its subject: "물이 새지 않는".
  void NegateWord(const RefusalMark& mark) {
    std::vector<size_t> negated;
    for (size_t i = 0; i < units_.size(); ++i) {
      if (units_[i].written.begin >= mark.from && units_[i].written.begin < mark.until) negated.push_back(i);
    }
    if (negated.empty()) return;
    Unit& first = units_[negated.front()];
    const size_t begin = std::min(first.written.begin, mark.begin), end = std::max(mark.end, mark.until);
    std::string written(Trim(std::string_view(text_).substr(begin, end - begin)));
    std::string_view wish;
    for (const size_t i : negated) {
      for (const std::string& form : units_[i].word.lookup_forms)
        wish = wish.empty() ? OppositeOf(form) : wish;
      if (wish.empty()) wish = OppositeOf(units_[i].word.text);
    }
    if (!wish.empty()) {
      result_.opposites.emplace_back(std::string(wish), written);
    } else if (const std::string word = mark.unclear ? "" : AttributiveInTitles(first.written, vocabulary_);
               !word.empty()) {
      result_.refused.push_back({{word, {word}, {}}});
      for (const size_t i : negated) units_[i].role = Role::kRefused;
      return;
    } else {
      if (const size_t subject = SubjectOf(negated.front()); subject < units_.size()) {
        written = units_[subject].written.surface + units_[subject].written.ending + " " + written;
        negated.insert(negated.begin(), subject);
      }
      result_.unclear.push_back(written);
    }
    for (const size_t i : negated) units_[i].role = Role::kDropped;
  }

  void Refuse(const Group& group, const Phrase& phrase) {
    const size_t unit = group.units[phrase.last - 1];
    if (phrase.values.empty()) {
      std::string_view wish;
      for (const std::string& form : units_[unit].word.lookup_forms)
        wish = wish.empty() ? OppositeOf(form) : wish;
      if (!wish.empty()) {
        result_.opposites.emplace_back(std::string(wish), TextOf(group.units, phrase.first, phrase.last));
        return SetRole(group, phrase, Role::kDropped);
      }
      const std::string& surface = units_[unit].written.surface;
      const bool order = !units_[unit].content && FindWishes(surface).empty();
      if (order)
        return Drop({group.units.begin() + static_cast<ptrdiff_t>(phrase.first),
                     group.units.begin() + static_cast<ptrdiff_t>(phrase.last)});
    }
    std::vector<QuestionWord> words;
    for (size_t i = phrase.first; i < phrase.last; ++i) {
      words.push_back(units_[group.units[i]].word);
      std::string& text = words.back().text;
      const bool known = vocabulary_ != nullptr && IsInCatalogue(*vocabulary_, text);
      const bool at_end = i + 1 == group.units.size();
      if (at_end && !known && HasHangul(text) && words.back().synonyms.empty())
        text.resize(analysis::LengthWithoutParticle(text));
    }
    result_.refused.push_back(std::move(words));
    SetRole(group, phrase, Role::kRefused);
  }

  void SetRole(const Group& group, const Phrase& phrase, Role role) {
    TRINE_DCHECK_LE(phrase.last, group.units.size());
    for (size_t i = phrase.first; i < phrase.last; ++i) units_[group.units[i]].role = role;
  }

  // Takes units out of the question and names them.
  void Drop(const std::vector<size_t>& units) {
    if (units.empty()) return;
    result_.unclear.push_back(TextOf(units, 0, units.size()));
    for (const size_t i : units) units_[i].role = Role::kDropped;
  }

  // The text of some units, without the particles at the end.
  std::string TextOf(const std::vector<size_t>& units, size_t first, size_t last) const {
    TRINE_DCHECK_LT(first, last);
    const Unit& end = units_[units[last - 1]];
    std::string text;
    for (size_t i = first; i + 1 < last; ++i) {
      if (units_[units[i]].last_part)
        text += units_[units[i]].written.surface + units_[units[i]].written.ending + " ";
    }
    std::string tail = end.written.surface;
    if (const std::string particle = ParticleOf(end);
        !particle.empty() && tail.ends_with(particle) && tail.size() > particle.size())
      tail.resize(tail.size() - particle.size());
    return text + tail;
  }

  void BlankRefusals(const std::vector<RefusalMark>& marks) {
    std::string& text = result_.wanted_text = text_;
    const auto blank = [&text](size_t begin, size_t end) {
      TRINE_DCHECK_LE(end, text.size());
      std::fill_n(text.begin() + static_cast<ptrdiff_t>(begin), end - begin, ' ');
    };
    for (const RefusalMark& mark : marks) {
      blank(mark.begin, mark.end);
      result_.refuses = true;
    }
    for (const Unit& unit : units_) {
      if (unit.role != Role::kWanted) blank(unit.written.begin, unit.written.end);
    }
  }

  // Returns the wanted words.
  void Collect() {
    std::vector<QuestionWord>& words = result_.words;
    size_t segment = 0;
    for (Unit& unit : units_) {
      if (unit.comma_before && !words.empty()) words.back().joined_to_next = true;
      if (unit.role != Role::kWanted) {
        if (!words.empty()) words.back().joined_to_next = words.back().or_next = false;
        continue;
      }
      if (unit.connective == Connective::kAnd && !words.empty()) {
        words.back().joined_to_next = true;
        words.back().or_next = IsOr(unit.word.text);
      }
      if (unit.connective == Connective::kOf && !words.empty()) ++segment;
      if (unit.connective != Connective::kNone) continue;
      if (!unit.content) {
        result_.plain.push_back({unit.written.surface, unit.word.lookup_forms});
        continue;
      }
      const bool number = unit.word.text.find_first_not_of("0123456789,.") == std::string::npos;
      if (number && !unit.is_name) continue;
      unit.word.segment = segment;
      const bool there = std::any_of(words.begin(), words.end(),
                                     [&](const QuestionWord& w) { return w.text == unit.word.text; });
      if (!there && words.size() < kMaxQuestionWords) words.push_back(std::move(unit.word));
      if (unit.last_part && !words.empty()) {
        words.back().joined_to_next = IsAndEnding(unit.ending);
        words.back().or_next = IsOr(unit.ending);
      }
    }
  }

  const Vocabulary* vocabulary_;
  const std::vector<std::string>& goods_words_;
  const std::vector<std::string>& ids_;
  const std::string text_;
  std::vector<Unit> units_;
  ReadResult result_;
};

}  // namespace

ReadResult ReadQuestion(std::string_view text, const Vocabulary* vocabulary,
                        const analysis::Analyzers& analyzers, const std::vector<std::string>& goods_words,
                        const std::vector<std::string>& ids) {
  return QuestionReader(text, vocabulary, goods_words, ids).Read(analyzers);
}

}  // namespace trine::language
