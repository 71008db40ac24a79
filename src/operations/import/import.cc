#include "operations/import/import.h"

#include <utility>

#include "base/check.h"

#include "operations/import/row_builder.h"
#include "operations/import/row_reader.h"

namespace trine::operations {
namespace {

constexpr size_t kSample = 500;             // rows from which the types of untyped columns are guessed
constexpr uint64_t kProgressRows = 10'000;  // between calls to `progress`

// The state of one import.
class ImportRun {
 public:
  ImportRun(const ImportOptions& options, const ImportSinks& sinks, std::stop_token stop, RowReader* reader,
            RowBuilder* builder)
      : options_(options), sinks_(sinks), stop_(std::move(stop)), reader_(*reader), builder_(*builder) {}

  Result<ImportCounts> Execute() {
    sampling_ = builder_.needs_sample();
    if (sampling_) TRINE_TRY(Sample());
    sampling_ = false;
    TRINE_CHECK_LE(sample_.size(), kSample);
    for (const RawRow& row : sample_) TRINE_TRY(ProcessRow(row));
    sample_.clear();
    for (RawRow row;;) {
      TRINE_ASSIGN(const bool more, Next(&row));
      if (!more) break;
      TRINE_TRY(ProcessRow(row));
    }
    counts_.bytes = reader_.bytes();
    counts_.notes = reader_.notes();
    counts_.columns = builder_.Columns();
    if (sinks_.progress) sinks_.progress(counts_);
    return counts_;
  }

 private:
  Status Sample() {
    while (sample_.size() < kSample) {
      RawRow row;
      TRINE_ASSIGN(const bool more, Next(&row));
      if (!more) break;
      builder_.Observe(row);
      sample_.push_back(std::move(row));
    }
    return builder_.CheckSample();
  }

  // Reads the next row, and counts and rejects rows that cannot be parsed. Returns false at the end.
  Result<bool> Next(RawRow* row) {
    for (;;) {
      if (stop_.stop_requested()) return Error(ErrorCode::kStopped, "the import was stopped");
      Result<bool> more = reader_.Next(row);
      if (more.ok()) {
        if (*more && sampling_) builder_.ObserveNames(*row);
        if (*more && !builder_.Selects(*row)) {
          ++counts_.left_out;
          continue;
        }
        if (*more) ++counts_.rows;
        return more;
      }
      if (more.error().code != ErrorCode::kBadRow) return more;
      ++counts_.rows;
      TRINE_TRY(Reject(*row, more.error()));
    }
  }

  Status ProcessRow(const RawRow& row) {
    Result<ImportedRow> built = builder_.Build(row);
    if (!built.ok()) return Reject(row, built.error());
    built->line = row.line;
    built->raw = row.raw;
    if (!built->unread.empty() && counts_.unread == 0)
      counts_.first_unread = "line " + std::to_string(row.line) + ": " + built->unread.front();
    const size_t unread = built->unread.size();
    Status given = sinks_.row(std::move(built).value());
    if (!given.ok()) {
      if (given.error().kind() != ErrorKind::kInvalid) return given;
      return Reject(row, given.error());
    }
    if (row.broken && counts_.broken++ == 0) counts_.first_broken = BrokenPlace(row);
    ++counts_.kept;
    TRINE_DCHECK_LE(counts_.kept + counts_.rejected, counts_.rows);
    counts_.unread += unread;
    if (sinks_.progress && (counts_.kept + counts_.rejected) % kProgressRows == 0) {
      counts_.bytes = reader_.bytes();
      sinks_.progress(counts_);
    }
    return Ok();
  }

  // "line 17: TITLE", or only the line if the row has no named cells.
  std::string BrokenPlace(const RawRow& row) const {
    std::string line = "line " + std::to_string(row.line);
    const std::vector<std::string>& header = reader_.header();
    for (size_t i = 0; i < row.cells.size() && i < header.size(); ++i) {
      if (row.cells[i].find("\uFFFD") != std::string::npos) return line + ": " + header[i];
    }
    return line;
  }

  Status Reject(const RawRow& row, const Error& why) {
    ++counts_.rejected;
    if (sinks_.reject) TRINE_TRY(sinks_.reject(row.line, row.raw, why));
    if (counts_.rejected <= options_.max_rejects) return Ok();
    return Error(ErrorCode::kRejectLimit, "more than " + std::to_string(options_.max_rejects) +
                                              " rows were rejected; the last on line " +
                                              std::to_string(row.line) + ": " + why.ToString());
  }

  const ImportOptions& options_;
  const ImportSinks& sinks_;
  const std::stop_token stop_;
  RowReader& reader_;
  RowBuilder& builder_;
  ImportCounts counts_;
  std::vector<RawRow> sample_;
  bool sampling_ = false;
};

}  // namespace

Result<ImportCounts> Import(std::unique_ptr<format::ByteSource> source, const std::string& name,
                            const ImportOptions& options, const ImportSinks& sinks, std::stop_token stop) {
  TRINE_ASSIGN(const std::unique_ptr<RowReader> reader, OpenRows(std::move(source), name, options));
  TRINE_ASSIGN(const std::unique_ptr<RowBuilder> builder, RowBuilder::Make(options, reader->header()));
  return ImportRun(options, sinks, std::move(stop), reader.get(), builder.get()).Execute();
}

}  // namespace trine::operations
