#!lua
-- Counts one attempt unless it is blocked. Returns 0 if it was counted, else how long the block lasts.
-- KEYS: the attempts, their block, the block for spraying; in one slot.
-- ARGV: the window, the number of attempts it allows, the length of a block.
-- All durations are in milliseconds.
local attempts, block, spraying = KEYS[1], KEYS[2], KEYS[3]
local window, allowed, blocks_for = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

-- A block is a key that exists as long as the block lasts.
local left = math.max(redis.call('PTTL', block), redis.call('PTTL', spraying))
if left >= 0 then
  return math.max(left, 1)
end

-- What somebody else has put there would be an error at each attempt.
local kind = redis.call('TYPE', attempts).ok
if kind ~= 'list' and kind ~= 'none' then
  redis.call('DEL', attempts)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = redis.call('LINDEX', attempts, 0)
while oldest and (tonumber(oldest) or 0) + window <= now do
  redis.call('LPOP', attempts)
  oldest = redis.call('LINDEX', attempts, 0)
end

if redis.call('LLEN', attempts) < allowed then
  redis.call('RPUSH', attempts, now)
  redis.call('PEXPIRE', attempts, window)
  return 0
end
redis.call('DEL', attempts)
redis.call('SET', block, '', 'PX', blocks_for)
return tonumber(blocks_for)
