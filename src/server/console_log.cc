#include "server/console_log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "format/text.h"

namespace trine::server {
namespace {

constexpr size_t kMaxMessageBytes = 4000;

class ConsoleLog final : public Log {
 public:
  explicit ConsoleLog(LogLevel least)
      : logger_("trine", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()) {
    logger_.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
    logger_.set_level(LevelOf(least));
  }
  void Write(LogLevel level, std::string_view message) override {
    logger_.log(LevelOf(level), "{}", format::Printable(message.substr(0, kMaxMessageBytes)));
  }

 private:
  static spdlog::level::level_enum LevelOf(LogLevel level) {
    switch (level) {
      case LogLevel::kDebug:
        return spdlog::level::debug;
      case LogLevel::kInfo:
        return spdlog::level::info;
      case LogLevel::kWarning:
        return spdlog::level::warn;
      case LogLevel::kError:
        return spdlog::level::err;
    }
    return spdlog::level::info;
  }
  spdlog::logger logger_;
};

}  // namespace

std::unique_ptr<Log> NewConsoleLog(LogLevel least) { return std::make_unique<ConsoleLog>(least); }

}  // namespace trine::server
