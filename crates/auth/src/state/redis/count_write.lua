#!lua
-- Counts one change of a user and of their organization, unless either has made too many within the
-- window. Returns 0 if it was counted, else how long until the next one is possible.
-- KEYS: the changes of the user, those of the organization; in one slot.
-- ARGV: the window, how many of the user it allows, how many of the organization; 0 is no limit.
-- All durations are in milliseconds.
local window = tonumber(ARGV[1])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
for i, writes in ipairs(KEYS) do
  local allowed = tonumber(ARGV[i + 1])
  if allowed > 0 then
    -- What somebody else has put there would be an error at each change.
    local kind = redis.call('TYPE', writes).ok
    if kind ~= 'list' and kind ~= 'none' then
      redis.call('DEL', writes)
    end
    local oldest = redis.call('LINDEX', writes, 0)
    while oldest and (tonumber(oldest) or 0) + window <= now do
      redis.call('LPOP', writes)
      oldest = redis.call('LINDEX', writes, 0)
    end
    local excess = redis.call('LLEN', writes) - allowed
    if excess >= 0 then
      -- There is room once this one has left; under a limit that was lowered, not only the first.
      local leaving = tonumber(redis.call('LINDEX', writes, excess)) or now
      wait = math.max(wait, math.min(leaving + window - now, window))
    end
  end
end
if wait > 0 then
  return wait
end

for i, writes in ipairs(KEYS) do
  if tonumber(ARGV[i + 1]) > 0 then
    redis.call('RPUSH', writes, now)
    redis.call('PEXPIRE', writes, window)
  end
end
return 0
