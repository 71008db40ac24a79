// `trine roles`: the role of each field of an index, and the reason for it.
#include <algorithm>
#include <cstdio>

#include "cli/connection.h"
#include "cli/invocation.h"
#include "cli/print.h"
#include "format/text.h"

namespace trine::cli {
namespace {

using format::Json;

void PrintRoles(const Json& answer) {
  const auto each = [&answer](const char* list, auto print) {
    const Json* found = answer.Find(list);
    if (found == nullptr || !found->is_array()) return;
    for (const Json& one : found->array()) print(one);
  };
  each("roles", [](const Json& one) {
    std::printf("%-9s %s  (%s: %s)\n", PrintableText(one.Find("role")).c_str(),
                PrintableText(one.Find("field")).c_str(), PrintableText(one.Find("source")).c_str(),
                PrintableText(one.Find("evidence")).c_str());
  });
  each("facets", [](const Json& one) {
    const std::string delimiter = PrintableText(one.Find("delimiter"));
    std::printf("%-9s %s%s\n", "facet", PrintableText(one.Find("field")).c_str(),
                delimiter.empty() ? "" : ("  (tags separated by " + delimiter + ")").c_str());
  });
  each("missing", [](const Json& one) {
    std::printf("%-9s %s  (declared, but the mapping has no such field)\n",
                PrintableText(one.Find("role")).c_str(), PrintableText(one.Find("field")).c_str());
  });
  const std::string currency = PrintableText(answer.Find("currency"));
  std::printf("prices in %s\n",
              currency.empty()
                  ? "an unknown currency"
                  : (currency + "  (" + PrintableText(answer.Find("currency_evidence")) + ")").c_str());
}

}  // namespace

void RegisterRoles(CLI::App* app, Invocation* invocation) {
  auto index = std::make_shared<std::string>();
  CLI::App* command = app->add_subcommand("roles",
                                          "Show which field of an index is the title, the price, the brand "
                                          "and so on, and why: it was declared, it "
                                          "has a name for the role, or its values say so.\n\n  trine roles "
                                          "products --url http://127.0.0.1:9200\n");
  command->add_option("index", *index, "the index")->required();
  AddTargetOptions(command, invocation);
  command->callback([index, invocation] {
    invocation->run = [index, invocation] {
      auto connection = Connection::Open(*invocation);
      if (!connection.ok()) return Fail(connection.error());
      const auto answer = (*connection)->Call("GET", "/_trine/roles/" + format::PercentEncode(*index), {});
      if (!answer.ok()) return Fail(answer.error());
      if (invocation->json)
        PrintDocument(*answer);
      else
        PrintRoles(*answer);
      return kDone;
    };
  });
}

}  // namespace trine::cli
