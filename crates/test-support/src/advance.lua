-- Makes a key older: puts back its end and the times in it, so that it is as it will be in a while.
-- KEYS: the key. ARGV: how much older, in milliseconds.
local key, by = KEYS[1], tonumber(ARGV[1])

local left = redis.call('PTTL', key)
assert(left ~= -1, key .. ' never expires')
if left <= by then
  redis.call('DEL', key)
  return
end
redis.call('PEXPIRE', key, left - by)

local kind = redis.call('TYPE', key).ok
if kind == 'list' then
  for i = 0, redis.call('LLEN', key) - 1 do
    redis.call('LSET', key, i, redis.call('LINDEX', key, i) - by)
  end
elseif kind == 'zset' then
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    redis.call('ZINCRBY', key, -by, member)
  end
end
