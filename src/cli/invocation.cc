#include "cli/invocation.h"

#include <cstdio>

#include "format/text.h"

namespace trine::cli {

void AddTargetOptions(CLI::App* command, Invocation* invocation) {
  command->add_option("--data-dir", invocation->data_dir, "data directory to open when --url is not given")
      ->envname("TRINE_DATA_DIR")
      ->capture_default_str();
  command->add_option("--url", invocation->url, "URL of a running server, such as http://127.0.0.1:9200")
      ->envname("TRINE_URL");
  command->add_option("--auth", invocation->auth, "NAME:PASSWORD for --url")->envname("TRINE_AUTH");
  command->add_option("--token", invocation->token, "bearer token for --url")->envname("TRINE_TOKEN");
  command->add_flag("--json", invocation->json, "print one JSON document");
}

int Fail(const Error& error) {
  std::string text = error.message;
  if (!error.expected.empty()) text += "; expected " + error.expected;
  if (!error.got.empty()) text += ", got " + error.got;
  if (!error.where.empty()) text += " (" + error.where + ")";
  std::fprintf(stderr, "trine: error: %s\n", format::Printable(text).c_str());
  return error.code == ErrorCode::kUsage ? kUsage : kFailed;
}

}  // namespace trine::cli
