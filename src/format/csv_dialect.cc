#include "format/csv_dialect.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace trine::format {
namespace {

constexpr std::string_view kDelimiters = ",\t;|";
constexpr size_t kLines = 20;  // searched for the header

// The first lines, cut without regard to quotes, and without their line ends.
std::vector<std::string_view> FirstLines(std::string_view text, char line_end) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kLines) {
    const size_t end = std::min(text.find(line_end), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Cells {
  size_t all = 0, filled = 0;
};
Cells CountCells(std::string_view line, char delimiter) {
  Cells cells;
  bool quoted = false, filled = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == delimiter && !quoted) {
      ++cells.all;
      cells.filled += filled;
      filled = false;
    } else if (c != ' ' && c != '"') {
      filled = true;
    }
  }
  ++cells.all;
  cells.filled += filled;
  return cells;
}

// The number of lines before the header; 0 unless the lines from the header on have the same number of cells.
size_t PreambleLines(const std::vector<std::string_view>& lines, char delimiter) {
  size_t widest = 0;
  for (const std::string_view line : lines) widest = std::max(widest, CountCells(line, delimiter).all);
  const size_t few = std::max<size_t>(1, widest / 4);
  if (widest < 3) return 0;  // the rows of a file with one column may contain the delimiter
  size_t skipped = 0;
  while (skipped < lines.size() && CountCells(lines[skipped], delimiter).filled <= few) ++skipped;
  if (skipped == 0 || skipped == lines.size()) return 0;
  const Cells header = CountCells(lines[skipped], delimiter);
  return header.all == widest && header.filled * 2 > widest ? skipped : 0;
}

// The delimiter that occurs most often in the first line that contains any; at equality the first in the
// list.
char Delimiter(const std::vector<std::string_view>& lines) {
  char best = ',';
  size_t widest = 1;
  for (const std::string_view line : lines) {
    for (const char candidate : kDelimiters) {
      const size_t cells = CountCells(line, candidate).all;
      if (cells <= widest) continue;
      widest = cells;
      best = candidate;
    }
    // A title before the header may contain a comma; a line with several delimiters is the header.
    if (widest > 2) break;
  }
  return best;
}

// Whether quotes inside fields are doubled, and never escaped with a backslash.
bool DoublesQuotesOnly(std::string_view sample, char delimiter) {
  const auto edge = [&](size_t i) {
    return i >= sample.size() || sample[i] == delimiter || sample[i] == '\n' || sample[i] == '\r';
  };
  bool doubled = false;
  for (size_t i = sample.find('"', 1); i != std::string_view::npos; i = sample.find('"', i + 1)) {
    if (sample[i - 1] == '\\' && !edge(i + 1)) return false;
    if (i + 1 >= sample.size() || sample[i + 1] != '"') continue;
    // Not the empty field "", but two quotes inside a field.
    if (!edge(i - 1) || !edge(i + 2)) doubled = true;
    ++i;
  }
  return doubled;
}

}  // namespace

CsvOptions DetectCsvDialect(std::string_view sample, char fixed) {
  CsvOptions options;
  options.cr_lines =
      sample.find('\n') == std::string_view::npos && sample.find('\r') != std::string_view::npos;
  std::vector<std::string_view> lines = FirstLines(sample, options.cr_lines ? '\r' : '\n');
  if (!lines.empty() && lines[0].size() == 5 && EqualsIgnoreCase(lines[0].substr(0, 4), "sep=")) {
    fixed = lines[0][4];
    options.skip_lines = 1;
    lines.erase(lines.begin());
  }
  options.delimiter = fixed != 0 ? fixed : Delimiter(lines);
  options.skip_lines += PreambleLines(lines, options.delimiter);
  options.backslash_escapes = !DoublesQuotesOnly(sample, options.delimiter);
  return options;
}

}  // namespace trine::format
