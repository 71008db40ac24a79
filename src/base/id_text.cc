#include "base/id_text.h"

#include <array>
#include <cstdio>

namespace trine {
namespace {

// Returns the control character that begins at `at`; -1 if none does.
int ControlAt(std::string_view text, size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7f) return byte;
  if (byte != 0xc2 || at + 1 == text.size()) return -1;  // U+0080 to U+009F are two bytes, the first is C2
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return next >= 0x80 && next < 0xa0 ? next : -1;
}

}  // namespace

Status CheckIdText(std::string_view id, std::string_view what) {
  for (size_t at = 0; at < id.size(); ++at) {
    const int control = ControlAt(id, at);
    if (control < 0) continue;
    std::array<char, 8> name{};
    std::snprintf(name.data(), name.size(), "U+%04X", static_cast<unsigned>(control));
    return Error(ErrorCode::kInvalid, "the " + std::string(what) + " contains a control character")
        .Expected("printable characters")
        .Got(std::string(name.data()) + " at byte " + std::to_string(at))
        .Where(std::string(what));
  }
  return Ok();
}

}  // namespace trine
