#include "cli/judgments.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/check.h"

namespace trine::cli {
namespace {

double Dcg(const std::vector<double>& gains, size_t depth) {
  double sum = 0;
  for (size_t i = 0; i < std::min(depth, gains.size()); ++i)
    sum += gains[i] / std::log2(static_cast<double>(i) + 2);
  return sum;
}

}  // namespace

Result<std::vector<std::vector<std::string>>> ReadTsv(const std::string& path, size_t columns) {
  std::ifstream in(path);
  if (!in) return Error(ErrorCode::kIo, "cannot open the file").Where(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row;
    for (size_t start = 0; start <= line.size();) {
      const size_t end = std::min(line.find('\t', start), line.size());
      row.push_back(line.substr(start, end - start));
      start = end + 1;
    }
    if (row.size() < columns)
      return Error(ErrorCode::kInvalid, "a line has too few columns")
          .Expected(std::to_string(columns) + " separated by tabs")
          .Got(line.substr(0, 80))
          .Where(path + ", line " + std::to_string(rows.size() + 1));
    rows.push_back(std::move(row));
  }
  return rows;
}

double Ndcg(const std::vector<double>& ranked, std::vector<double> judged, size_t depth) {
  TRINE_CHECK_GT(depth, 0u);
  std::sort(judged.rbegin(), judged.rend());
  const double ideal = Dcg(judged, depth);
  return ideal > 0 ? Dcg(ranked, depth) / ideal : 0;
}

}  // namespace trine::cli
