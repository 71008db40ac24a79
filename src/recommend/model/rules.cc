#include "recommend/model/rules.h"

#include <algorithm>
#include <cmath>

namespace trine::recommend {
namespace {

// The inverted list: the positions of each item in Sequences::items, grouped by item.
struct Positions {
  std::vector<uint64_t> starts;
  std::vector<uint64_t> at;
};

Positions Invert(const Sequences& sequences, size_t items) {
  Positions positions;
  positions.starts.assign(items + 1, 0);
  for (const Item i : sequences.items) {
    TRINE_DCHECK_LT(i, items);
    ++positions.starts[i + 1];
  }
  for (size_t i = 0; i < items; ++i) positions.starts[i + 1] += positions.starts[i];
  positions.at.resize(sequences.items.size());
  std::vector<uint64_t> next(positions.starts.begin(), positions.starts.end() - 1);
  for (uint64_t at = 0; at < sequences.items.size(); ++at) positions.at[next[sequences.items[at]]++] = at;
  return positions;
}

std::vector<uint32_t> PersonOfPosition(const Sequences& sequences) {
  std::vector<uint32_t> person(sequences.items.size());
  for (size_t p = 0; p < sequences.size(); ++p) {
    std::fill(person.begin() + static_cast<std::ptrdiff_t>(sequences.starts[p]),
              person.begin() + static_cast<std::ptrdiff_t>(sequences.starts[p + 1]),
              static_cast<uint32_t>(p));
  }
  return person;
}

// Builds rules row by row in one dense accumulator.
class RowBuilder {
 public:
  RowBuilder(const Sequences& sequences, size_t items, const RuleOptions& options)
      : sequences_(sequences),
        options_(options),
        positions_(Invert(sequences, items)),
        person_(PersonOfPosition(sequences)),
        row_(items, 0.0F),
        from_(items),
        to_(items) {
    for (size_t gap = 0; gap < options.window; ++gap) decay_.push_back(std::pow(options.decay, gap));
    for (size_t i = 0; i < items; ++i) {
      const auto n = static_cast<double>(positions_.starts[i + 1] - positions_.starts[i]);
      from_[i] = std::pow(n, options.from_power);
      to_[i] = std::pow(n, options.to_power);
    }
  }

  // Appends the row of `a`. Requires the rows of all smaller items to be in the table.
  void Append(Item a, RuleTable* table) {
    TRINE_DCHECK_EQ(table->starts.size(), a + size_t{1});
    touched_.clear();
    for (uint64_t k = positions_.starts[a]; k < positions_.starts[a + 1]; ++k) {
      options_.whole_sequence ? AddBasket(a, positions_.at[k]) : AddWindow(a, positions_.at[k]);
    }
    kept_.clear();
    for (const Item b : touched_) {
      const float c = row_[b];
      row_[b] = 0;
      if (c < options_.min_count) continue;
      const double m = options_.divide ? c / (from_[a] * to_[b] + options_.plus) : c;
      kept_.push_back({b, static_cast<float>(m)});
    }
    if (kept_.size() > options_.max_row) {
      std::ranges::nth_element(kept_, kept_.begin() + static_cast<std::ptrdiff_t>(options_.max_row),
                               Stronger);
      kept_.resize(options_.max_row);
    }
    std::ranges::sort(kept_, {}, &Entry::to);
    for (const Entry& e : kept_) {
      table->to.push_back(e.to);
      table->weights.push_back(e.weight);
    }
    table->starts.push_back(table->to.size());
  }

 private:
  struct Entry {
    Item to;
    float weight;
  };
  static bool Stronger(const Entry& a, const Entry& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.to < b.to;
  }
  void Add(Item a, Item b, double weight) {
    if (a == b) return;
    if (row_[b] == 0) touched_.push_back(b);
    row_[b] += static_cast<float>(weight);
  }
  // The product of the weights of two positions.
  double WeightOf(uint64_t at, uint64_t other) const {
    return sequences_.weights.empty() ? 1.0 : double{sequences_.weights[at]} * sequences_.weights[other];
  }
  void AddWindow(Item a, uint64_t at) {
    const uint32_t p = person_[at];
    const uint64_t begin = sequences_.starts[p], end = sequences_.starts[p + 1];
    for (uint64_t gap = 1; gap <= options_.window && at + gap < end; ++gap) {
      Add(a, sequences_.items[at + gap], decay_[gap - 1] * WeightOf(at, at + gap));
    }
    for (uint64_t gap = 1; gap <= options_.window && at >= begin + gap; ++gap) {
      Add(a, sequences_.items[at - gap], options_.back * decay_[gap - 1] * WeightOf(at, at - gap));
    }
  }
  void AddBasket(Item a, uint64_t at) {
    const uint32_t p = person_[at];
    for (uint64_t other = sequences_.starts[p]; other < sequences_.starts[p + 1]; ++other)
      Add(a, sequences_.items[other], WeightOf(at, other));
  }

  const Sequences& sequences_;
  const RuleOptions options_;
  const Positions positions_;
  const std::vector<uint32_t> person_;
  std::vector<float> row_;
  std::vector<double> from_, to_, decay_;
  std::vector<Item> touched_;
  std::vector<Entry> kept_;
};

}  // namespace

float RuleRows::Find(Item a, Item b) const {
  if (a >= size()) return 0;
  const std::span<const Item> row = To(a);
  const auto found = std::ranges::lower_bound(row, b);
  if (found == row.end() || *found != b) return 0;
  return weights[starts[a] + static_cast<uint64_t>(found - row.begin())];
}

RuleTable FitRules(const Sequences& sequences, size_t items, const RuleOptions& options,
                   const std::function<bool()>& stop) {
  TRINE_CHECK_EQ(sequences.starts.back(), sequences.items.size());
  TRINE_CHECK(sequences.weights.empty() || sequences.weights.size() == sequences.items.size());
  RuleTable table;
  RowBuilder builder(sequences, items, options);
  for (Item a = 0; a < items; ++a) {
    if (stop && a % 256 == 0 && stop()) return table;
    builder.Append(a, &table);
  }
  TRINE_CHECK_EQ(table.starts.size(), items + 1);
  TRINE_CHECK_EQ(table.to.size(), table.weights.size());
  return table;
}

}  // namespace trine::recommend
