-- For wrk: TOKENS (a file with one per line) COUNT (how many of them are used in turn) ONCE (whether
-- to stop after the last).
local tokens, next_one, once = {}, 0, false

function init(arguments)
  local count = tonumber(arguments[2])
  once = arguments[3] == "once"
  for token in io.lines(arguments[1]) do
    if #tokens == count then break end
    tokens[#tokens + 1] = "GET / HTTP/1.1\r\nHost: guard\r\nAuthorization: Bearer " .. token .. "\r\n\r\n"
  end
end

function request()
  next_one = next_one + 1
  if next_one > #tokens then
    if once then
      wrk.thread:stop()
    end
    next_one = 1
  end
  return tokens[next_one]
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"us":%d,"failed":%d,"late":%d,"p50":%d,"p99":%d}\n', summary.requests, summary.duration,
    summary.errors.status + summary.errors.connect + summary.errors.read,
    summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
