#include "recommend/train/leave_one_out.h"

#include <chrono>
#include <cmath>
#include <unordered_map>

#include "format/text.h"

namespace trine::recommend {

double MeanRank(size_t above, size_t equal) {
  return 1.0 + static_cast<double>(above) + static_cast<double>(equal) / 2;
}

double GainAt(double rank, double k) { return rank <= k ? 1.0 / std::log2(rank + 1) : 0.0; }

Result<ItemSequences> ReadSequences(std::string_view text) {
  ItemSequences data;
  std::unordered_map<std::string_view, Item> numbers;
  std::vector<Item> sequence;
  size_t line_number = 0;
  while (const auto line = format::NextLine(&text)) {
    ++line_number;
    sequence.clear();
    bool first = true;
    std::string_view rest = *line;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view word = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (word.empty()) continue;
      if (!std::exchange(first, false)) {
        sequence.push_back(numbers.emplace(word, static_cast<Item>(numbers.size())).first->second);
      }
    }
    if (sequence.empty()) {
      return Error(ErrorCode::kInvalid, "a line must contain a user and at least one item")
          .Where("line " + std::to_string(line_number));
    }
    data.sequences.Add(sequence);
  }
  data.items = numbers.size();
  return data;
}

LeaveOneOutResult EvaluateRules(const ItemSequences& data, const RuleOptions& options) {
  Sequences training;
  for (size_t p = 0; p < data.sequences.size(); ++p) {
    const auto all = data.sequences[p];
    if (all.size() >= 3) training.Add(all.first(all.size() - 2));
  }
  std::vector<char> trained(data.items, 0);
  for (const Item i : training.items) trained[i] = 1;
  LeaveOneOutResult result;
  const auto begin = std::chrono::steady_clock::now();
  const RuleTable table = FitRules(training, data.items, options);
  result.seconds_to_fit = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const RuleRows rules(table);
  std::vector<double> scores(data.items);
  for (size_t p = 0; p < data.sequences.size(); ++p) {
    const auto all = data.sequences[p];
    if (all.size() < 3) continue;
    ++result.people;
    const Item target = all.back();
    if (trained[target] == 0) continue;
    std::ranges::fill(scores, 0.0);
    const auto given = all.first(all.size() - 1);
    double age = 1;
    for (size_t k = given.size(); k-- > 0; age *= kAgeDecay) {
      const auto to = rules.To(given[k]);
      const auto weights = rules.Weights(given[k]);
      for (size_t n = 0; n < to.size(); ++n) scores[to[n]] += age * weights[n];
    }
    for (const Item seen : given) scores[seen] = -1;
    size_t above = 0, equal = 0;
    for (Item i = 0; i < data.items; ++i) {
      above += scores[i] > scores[target] ? 1 : 0;
      equal += scores[i] == scores[target] && i != target ? 1 : 0;
    }
    const double rank = MeanRank(above, equal);
    result.recall_at_10 += rank <= 10 ? 1 : 0;
    result.ndcg_at_10 += GainAt(rank, 10);
  }
  if (result.people > 0) {
    result.recall_at_10 /= static_cast<double>(result.people);
    result.ndcg_at_10 /= static_cast<double>(result.people);
  }
  return result;
}

}  // namespace trine::recommend
