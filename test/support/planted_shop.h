// A shop whose correct recommendations are known by construction: every item has one of five styles, and more
// than nine in ten of a user's events are with items of the user's own style.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "format/json.h"
#include "history/history.h"

namespace trine::test {

struct PlantedShop {
  static constexpr int kStyles = 5;
  static constexpr int kItemsPerStyle = 16;
  static constexpr int64_t kDay = 86'400'000;
  static constexpr int64_t kStart = 1'700'000'000'000;  // 2023-11-14
  static constexpr int64_t kEnd = kStart + 400 * kDay;

  struct Item {
    std::string id, source;
  };
  std::vector<Item> items;
  std::vector<history::User> users;
  std::vector<history::Event> events;  // by time

  static std::string ItemId(int style, int n) {
    return "i" + std::to_string(style) + "-" + std::to_string(n);
  }
  static std::string UserId(int style, int n) {
    return "u" + std::to_string(style) + "-" + std::to_string(n);
  }
  static int StyleOf(const std::string& item_id) { return item_id[1] - '0'; }
  static std::string Source(int style, int n) {
    format::Json json;
    json.Set("style", format::Json("style" + std::to_string(style)));
    json.Set("brand", format::Json("brand" + std::to_string((style * 7 + n) % 9)));
    json.Set("price", format::Json(1000 * (n + 1)));
    json.Set("title", format::Json("goods " + std::to_string(n)));
    return format::ToString(json);
  }
  // Users of styles 0 to 2 are women, those of styles 3 and 4 men. Users of style 1 live in Jeju.
  static format::Json Attributes(int style) {
    format::Json json;
    json.Set("GENDER", format::Json(style < 3 ? "F" : "M"));
    json.Set("REGION", format::Json(style == 1 ? "제주" : "서울"));
    json.Set("AGE", format::Json(20 + style * 9));
    return json;
  }

  static PlantedShop Make(uint64_t seed, int people_per_style = 30, int events_per_person = 12) {
    PlantedShop shop;
    Random random(seed);
    for (int s = 0; s < kStyles; ++s) {
      for (int n = 0; n < kItemsPerStyle; ++n) shop.items.push_back({ItemId(s, n), Source(s, n)});
      for (int p = 0; p < people_per_style; ++p) {
        history::User user;
        user.id = UserId(s, p);
        user.attributes = Attributes(s);
        shop.users.push_back(user);
        int64_t time = kStart + static_cast<int64_t>(random.Below(300 * kDay));
        for (int e = 0; e < events_per_person; ++e) {
          const int style = random.Below(10) < 9 ? s : static_cast<int>(random.Below(kStyles));
          history::Event event;
          event.user_id = user.id;
          event.session_id = "s" + user.id + std::to_string(e / 4);
          event.item_id = ItemId(style, static_cast<int>(random.Below(kItemsPerStyle)));
          event.type = random.Below(3) == 0 ? "Purchase" : "View";
          event.time = Millis{time};
          shop.events.push_back(event);
          time += static_cast<int64_t>(random.Below(8 * kDay));
        }
      }
    }
    std::stable_sort(shop.events.begin(), shop.events.end(),
                     [](const history::Event& a, const history::Event& b) { return a.time < b.time; });
    return shop;
  }
};

}  // namespace trine::test
