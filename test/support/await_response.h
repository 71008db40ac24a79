// Await: completes a response that has to wait, as the HTTP server does.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <utility>

#include "net/http.h"

namespace trine::test {

// Waits until the response may be sent, however long that takes, and returns it. The request must still
// exist.
inline net::Response Await(net::Response response) {
  while (response.wait) {
    const auto resumed = std::make_shared<std::promise<void>>();
    const auto first = std::make_shared<std::atomic<bool>>(true);
    const std::shared_ptr<const net::Wait> wait = std::exchange(response.wait, nullptr);
    wait->start([resumed, first] {
      if (first->exchange(false)) resumed->set_value();
    });
    resumed->get_future().wait();
    if (wait->then) response = wait->then();
  }
  return response;
}

}  // namespace trine::test
