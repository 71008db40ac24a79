// Markup, links and deceptive characters in the text of a language model. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// The text without Markdown and HTML tags, without control and invisible characters, and with wide
// letters and digits in their common form. Angle brackets that are left become '/'. Line breaks are kept. Any
// bytes are accepted; the result is valid UTF-8.
std::string WithoutMarkup(std::string_view text);

// Why the text may not be shown: it has a link, an address, a telephone number, HTML, or letters that look
// like others. `allowed_links`: addresses that may occur; `known`: folded material, of which names with a
// full stop ("Node.js") are not links. Empty if it may. Requires a result of WithoutMarkup.
std::string WhyUnsafe(std::string_view text, const std::vector<std::string>& allowed_links,
                      std::string_view known);

// Why the text must not be shown although it may be true: it asks for secrets, claims an action, talks about
// instructions or sends the shopper elsewhere (forbidden_claims.inc). `masked` is the text with blanks in
// place of the names of items, which may mention a password or an order, but never instructions. Empty if it
// may.
std::string WhyForbidden(std::string_view text, std::string_view masked);

}  // namespace trine::language
