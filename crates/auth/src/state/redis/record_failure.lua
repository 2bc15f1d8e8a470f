#!lua
-- Records a failed attempt on an account, and blocks once enough different accounts have failed.
-- KEYS: the failed accounts by the time of their last failure, the block for spraying; in one slot.
-- ARGV: the account, the window, the number of accounts that block, the length of the block.
-- All durations are in milliseconds.
local failures, spraying = KEYS[1], KEYS[2]
local account, window, accounts, blocks_for = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

-- A block is a key that exists as long as the block lasts.
if redis.call('PTTL', spraying) >= 0 then
  return
end

-- What somebody else has put there would be an error at each failure.
local kind = redis.call('TYPE', failures).ok
if kind ~= 'zset' and kind ~= 'none' then
  redis.call('DEL', failures)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', failures, '-inf', now - window)
redis.call('ZADD', failures, now, account)

if redis.call('ZCARD', failures) >= accounts then
  redis.call('DEL', failures)
  redis.call('SET', spraying, '', 'PX', blocks_for)
else
  redis.call('PEXPIRE', failures, window)
end
