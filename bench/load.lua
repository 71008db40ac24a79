-- Sends the requests of a file in turn, from the top again at its end. Each line is METHOD <tab> PATH <tab> BODY.
-- Prints one JSON line at the end; latencies are in microseconds. Usage: wrk ... -s load.lua URL -- FILE
local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
    requests[#requests + 1] = wrk.format(method, path, {["Content-Type"] = "application/json"}, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format(
      '\nRESULT {"p50": %.0f, "p90": %.0f, "p99": %.0f, "max": %.0f, "mean": %.1f, "requests": %d, "seconds": %.3f, "bad_status": %d, "broken": %d}\n',
      latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max, latency.mean, summary.requests,
      summary.duration / 1e6, e.status, e.connect + e.read + e.write + e.timeout))
end
