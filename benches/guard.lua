-- For wrk: TOKENS (a file with one per line) COUNT (how many of them are used in turn) ONCE (whether
-- to stop after the last) PAUSE (the mean time between two requests of a connection, in ms).
local tokens, next_one, once, pause = {}, 0, false, 0

function init(arguments)
  local count = tonumber(arguments[2])
  once = arguments[3] == "once"
  pause = tonumber(arguments[4])
  for token in io.lines(arguments[1]) do
    if #tokens == count then break end
    tokens[#tokens + 1] = "GET / HTTP/1.1\r\nHost: guard\r\nAuthorization: Bearer " .. token .. "\r\n\r\n"
  end
  if pause > 0 then
    function delay() return math.random(0, 2 * pause) end
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
