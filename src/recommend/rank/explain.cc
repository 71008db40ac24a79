#include "recommend/rank/explain.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace trine::recommend {
namespace {

using Kind = Cause::Kind;

constexpr size_t kExplainedSteps = 8;  // of the history; older ones weigh a tenth of the newest

// A cause before its words are written: most are dropped.
struct Piece {
  Kind kind;
  double amount = 0;
  uint32_t what = 0;  // place in the history, value or source
};

class Pieces {
 public:
  Pieces(const Scorer& scorer, const Blend& blend, Item item)
      : scorer_(scorer),
        blend_(blend),
        item_(item),
        taste_weight_(blend.taste + blend.cold_taste * scorer.Coldness(item)) {}

  std::vector<Piece> Collect() {
    pieces_.reserve(64);
    AddRules(blend_.rules * scorer_.Rules(item_));
    AddRepeat(blend_.repeat * scorer_.Repeat(item_));
    for (const Value v : scorer_.items().Values(item_)) AddTaste(v);
    for (const Value v : scorer_.items().Tokens(item_)) AddTaste(v);
    for (const Source s : scorer_.person().sources) {
      Add(scorer_.IsRegion(s) ? Kind::kRegion : Kind::kUserAttribute,
          blend_.people * scorer_.SourceShare(s, item_), s);
    }
    Add(Kind::kSeason, blend_.season * scorer_.Season(item_), scorer_.person().month);
    Add(Kind::kPopularity, blend_.popularity * scorer_.Popularity(item_), 0);
    Add(Kind::kPopularity, blend_.recent * scorer_.RecentPopularity(item_), 1);
    return std::move(pieces_);
  }

 private:
  void Add(Kind kind, double amount, uint32_t what) {
    if (amount != 0) pieces_.push_back({kind, amount, what});
  }
  void AddTaste(Value v) { Add(Kind::kItemAttribute, taste_weight_ * scorer_.TasteShare(item_, v), v); }

  // The newest steps one by one; what older ones add goes to the strongest of them.
  void AddRules(double total) {
    if (total == 0) return;
    const size_t first = pieces_.size();
    double rest = total;
    const size_t steps = std::min(kExplainedSteps, scorer_.person().history.size());
    for (size_t k = 0; k < steps; ++k) {
      const double amount = blend_.rules * scorer_.RuleShare(k, item_);
      Add(Kind::kEvent, amount, static_cast<uint32_t>(k));
      rest -= amount;
    }
    if (pieces_.size() == first) {
      Add(Kind::kEvent, rest, static_cast<uint32_t>(scorer_.person().history.size() - 1));
      return;
    }
    std::ranges::max_element(pieces_.begin() + static_cast<std::ptrdiff_t>(first), pieces_.end(), {},
                             &Piece::amount)
        ->amount += rest;
  }
  void AddRepeat(double amount) {
    if (amount == 0) return;
    const auto& history = scorer_.person().history;
    const auto found = std::ranges::find(history, item_, &Liked::item);
    Add(Kind::kEvent, amount, static_cast<uint32_t>(found - history.begin()));
  }

  const Scorer& scorer_;
  const Blend& blend_;
  const Item item_;
  const double taste_weight_;
  std::vector<Piece> pieces_;
};

bool Stronger(const Piece& a, const Piece& b) { return std::abs(a.amount) > std::abs(b.amount); }

// The strongest ones; each other is added to one of its kind, or they stand together as the last.
void KeepStrongest(size_t room, std::vector<Piece>* pieces) {
  std::ranges::stable_sort(*pieces, Stronger);
  if (pieces->size() <= room) return;
  const size_t kept = room - 1;
  Piece rest = (*pieces)[kept];
  rest.amount = 0;
  for (size_t i = kept; i < pieces->size(); ++i) {
    const Piece& piece = (*pieces)[i];
    const auto begin = pieces->begin(), end = begin + static_cast<std::ptrdiff_t>(kept);
    const auto kin = std::find_if(begin, end, [&](const Piece& p) { return p.kind == piece.kind; });
    (kin != end ? kin->amount : rest.amount) += piece.amount;
  }
  pieces->resize(kept);
  if (rest.amount != 0) pieces->push_back(rest);
  std::ranges::stable_sort(*pieces, Stronger);
}

Cause InWords(const Piece& piece, const Scorer& scorer, const std::vector<history::Event>& events) {
  Cause cause;
  cause.kind = piece.kind;
  cause.amount = piece.amount;
  const ItemTable& items = scorer.items();
  const auto& history = scorer.person().history;
  switch (piece.kind) {
    case Kind::kEvent:
      if (piece.what < history.size()) cause.event = events[history[piece.what].event];
      break;
    case Kind::kItemAttribute: {
      const Value v = piece.what;
      cause.attribute = items.ColumnName(items.ColumnOf(v));
      cause.value = items.Text(v);
      for (const Liked& liked : history) {
        const auto values = items.Values(liked.item), tokens = items.Tokens(liked.item);
        if (std::ranges::find(values, v) == values.end() && std::ranges::find(tokens, v) == tokens.end())
          continue;
        cause.reason_item = items.Id(liked.item);
        break;
      }
      break;
    }
    case Kind::kUserAttribute:
    case Kind::kRegion:
    case Kind::kSeason: {
      const SourceCounts& source = scorer.statistics().source(piece.what);
      cause.attribute = scorer.statistics().source_column(source.column).name;
      cause.value = source.value;
      break;
    }
    default:
      cause.value = piece.what == 0 ? "all" : "7d";
      break;
  }
  return cause;
}

}  // namespace

Explained Explain(const Scorer& scorer, const Blend& blend, const std::vector<history::Event>& events,
                  Item item, std::vector<Cause> more) {
  std::vector<Piece> pieces = Pieces(scorer, blend, item).Collect();
  KeepStrongest(kMaxCauses - more.size(), &pieces);
  Explained explained;
  explained.because = std::move(more);
  for (const Piece& piece : pieces) explained.because.push_back(InWords(piece, scorer, events));
  for (const Cause& cause : explained.because) explained.score += cause.amount;
  std::ranges::stable_sort(explained.because, [](const Cause& a, const Cause& b) {
    return std::abs(a.amount) > std::abs(b.amount);
  });
  return explained;
}

}  // namespace trine::recommend
