-- The gate of one lane: says when a call may leave. Times are microseconds of Redis' own clock; callers get durations only.
--
-- KEYS  1 hash of the lane   2 queue: ticket -> when its holder comes back   3 log: ticket -> when the call left
--       4 log of the call's category, only if a window of the plan counts that category
-- ARGV  1 operation, then what it needs:
--   take      ticket or "", priority, patience, RULES   -> {1 granted | 0 come back | -1 too far, ticket, wait, next, fails}
--   sent      ticket                                    -> 0
--   leave     ticket                                    -> 0
--   pause     length, reason                            -> pause left
--   refused   ticket, length or 0, RULES                -> {pause left, 0 known | 1 margin raised | 2 somebody else, margin}
--   failed    ticket                                    -> pause left
--   recovered                                           -> 0
-- RULES  margin, ahead, grace, category, how many windows count the whole key, then calls and length of each window:
--        first those of the key, then those of the category
--
-- A ticket is "<priority>-<arrival>-<number>:<category>"; comparing two as text says who is first.

local SECOND = 1000000
local SHORT = 60 * SECOND          -- windows up to this length are paced; of longer ones background leaves 5 % to people
local FAR = SECOND                 -- nothing legal lies further ahead than this: the clock was set back
local WIDEST = 200000              -- margin that a jittery way may ask for
local MARGIN_DECAY = 3600 * SECOND
local LONGEST_PAUSE = 3600 * SECOND
local OTHERS_WITHIN, OTHERS_PROOF, OTHERS_LAST = 300 * SECOND, 3, 600 * SECOND
local IN_A_ROW = 3
local HASH_TTL = 7200000           -- ms; outlives the longest pause and the decay of the margin

local clock = redis.call('TIME')
local now = clock[1] * SECOND + clock[2]
local gate, queue, log, category_log = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local operation, ticket = ARGV[1], ARGV[2]

-- Lua would write 16 digits with an exponent.
local function text(number) return string.format('%.0f', number) end

local function set(...)
  redis.call('HSET', gate, ...)
  redis.call('PEXPIRE', gate, HASH_TTL)
end

local function pause_left()
  local stored = redis.call('HMGET', gate, 'pause', 'pause_length')
  local left, length = (tonumber(stored[1]) or 0) - now, tonumber(stored[2]) or 0
  if left > length then -- the clock was set back
    set('pause', text(now + length))
    left = length
  end
  return math.max(0, left)
end

local function pause(length, reason)
  length = math.min(length, LONGEST_PAUSE)
  if length > pause_left() then
    set('pause', text(now + length), 'pause_length', text(length), 'pause_reason', reason)
  end
  return pause_left()
end

-- A clock set back leaves stamps in the future; they move as a whole until the newest is now, which keeps their distances.
local function mend(key)
  local newest = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
  local ahead_by = newest[2] and tonumber(newest[2]) - now or 0
  if ahead_by <= FAR then return end
  local all = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  for i = 1, #all, 2 do redis.call('ZADD', key, text(tonumber(all[i + 1]) - ahead_by), all[i]) end
end

local function read_rules(from)
  local rules = {
    margin = tonumber(ARGV[from]), ahead = tonumber(ARGV[from + 1]), grace = tonumber(ARGV[from + 2]),
    category = ARGV[from + 3], windows = {}, kept = {}, ttl = {},
  }
  local raised = redis.call('HMGET', gate, 'margin', 'margin_at', 'halved_until')
  local left = 1 - (now - (tonumber(raised[2]) or 0)) / MARGIN_DECAY
  if raised[1] and left > 0 then
    rules.margin = rules.margin + math.max(0, tonumber(raised[1]) - rules.margin) * math.min(1, left)
  end
  local until_ = tonumber(raised[3]) or 0
  rules.halved = now < until_ and until_ <= now + OTHERS_LAST
  local of_key = tonumber(ARGV[from + 4])
  for i = from + 5, #ARGV, 2 do
    local calls, length = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
    local key = #rules.windows < of_key and log or category_log
    rules.kept[key] = math.max(rules.kept[key] or 0, calls)
    rules.ttl[key] = math.max(rules.ttl[key] or 0, length)
    if rules.halved then calls = math.max(1, math.floor(calls / 2)) end
    table.insert(rules.windows, { key = key, calls = calls, length = length })
  end
  return rules
end

local function take()
  local priority, patience = ARGV[3], tonumber(ARGV[4])
  local rules = read_rules(5)
  local background = priority == '2'
  local stored = redis.call('HMGET', gate, 'pace', 'pace:' .. rules.category, 'fails')
  mend(log)
  if category_log then mend(category_log) end

  -- Pace is kept for the key and for the category apart, so that a slow category does not slow the others down.
  local gap = { [log] = 0 }
  if category_log then gap[category_log] = 0 end
  for _, window in ipairs(rules.windows) do
    if window.length <= SHORT then
      gap[window.key] = math.max(gap[window.key], 0.95 * window.length / window.calls)
    elseif background then
      window.calls = math.max(1, math.floor(0.95 * window.calls))
    end
  end
  local pace = { [log] = tonumber(stored[1]) or 0 }
  if category_log then pace[category_log] = tonumber(stored[2]) or 0 end
  for key, moment in pairs(pace) do
    if moment > now + gap[key] + FAR then pace[key] = now end
  end
  local paused_until = now + pause_left()

  -- When may I leave, if `before` others leave first and `paced` of them are background? Both are counted per log.
  local function turn(before, paced)
    local at = paused_until
    if background then
      for key, moment in pairs(pace) do at = math.max(at, moment + paced[key] * gap[key]) end
    end
    for _, window in ipairs(rules.windows) do
      local place = window.calls - 1 - before[window.key]
      local laps = 1
      while place < 0 do
        place = place + window.calls
        laps = laps + 1
      end
      local span = window.length + rules.margin
      local left_at = tonumber(redis.call('ZREVRANGE', window.key, place, place, 'WITHSCORES')[2]) or now - span
      at = math.max(at, left_at + laps * span)
    end
    return at
  end

  local function nobody()
    local counts = { [log] = 0 }
    if category_log then counts[category_log] = 0 end
    return counts
  end

  if ticket == '' then
    local number = redis.call('HINCRBY', gate, 'number', 1) % 10000
    ticket = string.format('%s-%016.0f-%04.0f:%s', priority, now, number, rules.category)
  end
  redis.call('ZREMRANGEBYSCORE', queue, '-inf', text(now - rules.grace))

  local before, paced = nobody(), nobody()
  local at = turn(before, paced)
  local waiting = redis.call('ZRANGE', queue, 0, -1, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    local other, comes_back = waiting[i], tonumber(waiting[i + 1])
    if comes_back > math.max(at, now) then break end
    if other < ticket then
      local also_paced = string.sub(other, 1, 1) == '2' and 1 or 0
      before[log], paced[log] = before[log] + 1, paced[log] + also_paced
      if category_log and string.match(other, ':(.*)$') == rules.category then
        before[category_log], paced[category_log] = before[category_log] + 1, paced[category_log] + also_paced
      end
      at = turn(before, paced)
    end
  end

  local fails = tonumber(stored[3]) or 0
  if at > now + rules.ahead then
    local wait = math.ceil(at - rules.ahead - now)
    if wait > patience then
      redis.call('ZREM', queue, ticket)
      return { -1, ticket, wait, wait, fails }
    end
    redis.call('ZADD', queue, text(now + wait), ticket)
    redis.call('PEXPIRE', queue, math.ceil((wait + rules.grace) / 1000) + 60000)
    return { 0, ticket, wait, wait, fails }
  end

  at = math.max(at, now)
  redis.call('ZREM', queue, ticket)
  for key, calls in pairs(rules.kept) do
    redis.call('ZADD', key, text(at), ticket)
    redis.call('ZREMRANGEBYRANK', key, 0, -calls - 1)
    redis.call('PEXPIRE', key, math.ceil(rules.ttl[key] / 1000) + 60000)
  end
  if background then
    for key, moment in pairs(pace) do
      local step = gap[key]
      -- After idling the pace starts anew; otherwise it goes on from the schedule, so that small lateness does not add up.
      pace[key] = at - moment > 4 * step and at + step or math.max(moment + step, at + step / 2)
    end
    if category_log then
      set('pace', text(pace[log]), 'pace:' .. rules.category, text(pace[category_log]))
    else
      set('pace', text(pace[log]))
    end
  else
    redis.call('PEXPIRE', gate, HASH_TTL)
  end
  local next_at = turn(nobody(), nobody()) - rules.ahead
  return { 1, ticket, math.max(0, math.ceil(at - now)), math.max(0, math.ceil(next_at - now)), fails }
end

-- When the call left; of one that newer calls have pushed out of the log at least when it came.
local function left_at() return tonumber(redis.call('ZSCORE', log, ticket)) or tonumber(string.sub(ticket, 3, 18)) or 0 end

local function refused()
  local asked, rules = tonumber(ARGV[3]), read_rules(4)
  local stamp = left_at()
  local storm = redis.call('HMGET', gate, 'refused_at', 'refusals', 'others', 'others_at')
  local refused_at, refusals = tonumber(storm[1]) or 0, tonumber(storm[2]) or 0
  if refused_at > now then refused_at, refusals = 0, 0 end
  -- Calls that were under way when the first refusal came belong to the same storm.
  local fresh = stamp > refused_at
  if fresh then
    local quiet = now - refused_at - math.min(60, 2 ^ refusals) * SECOND
    refusals = quiet > 10 * SECOND and 1 or refusals + 1
    set('refused_at', text(now), 'refusals', refusals)
  end
  local left = pause(asked > 0 and asked or math.min(60, 2 ^ math.max(1, refusals)) * SECOND, '429')
  if not fresh then return { left, 0, math.ceil(rules.margin) } end

  -- Could the provider have counted too many of our own calls, if each came up to WIDEST late or early?
  local own_doing, broken = false, false
  for _, window in ipairs(rules.windows) do
    local since = stamp - window.length
    local known = redis.call('ZRANGE', window.key, 0, 0, 'WITHSCORES')
    local complete = known[2] and tonumber(known[2]) < since - WIDEST
      or redis.call('ZCARD', window.key) < rules.kept[window.key]
    if redis.call('ZCOUNT', window.key, '(' .. text(since), text(stamp)) > window.calls then broken = true end
    if not complete or redis.call('ZCOUNT', window.key, '(' .. text(since - WIDEST), text(stamp)) > window.calls then
      own_doing = true
    end
  end
  if broken and not rules.halved then return { left, 0, math.ceil(rules.margin) } end
  if own_doing and rules.margin < 0.95 * WIDEST then
    local wider = math.min(WIDEST, 1.5 * rules.margin + 1)
    set('margin', text(wider), 'margin_at', text(now))
    return { left, 1, math.ceil(wider) }
  end
  local others = now - (tonumber(storm[4]) or 0) <= OTHERS_WITHIN and (tonumber(storm[3]) or 0) + 1 or 1
  set('others', others, 'others_at', text(now))
  if others < OTHERS_PROOF and not rules.halved then return { left, 0, math.ceil(rules.margin) } end
  set('halved_until', text(now + OTHERS_LAST))
  return { left, 2, math.ceil(rules.margin) }
end

local function failed()
  local trouble = redis.call('HMGET', gate, 'failed_at', 'troubles', 'fails')
  local failed_at, troubles = tonumber(trouble[1]) or 0, tonumber(trouble[2]) or 0
  local fails = (tonumber(trouble[3]) or 0) + 1
  if fails < IN_A_ROW then
    set('fails', fails)
  elseif left_at() > failed_at or failed_at > now then
    -- As with refusals: what was under way when the pause began does not make the next one longer.
    set('fails', fails, 'troubles', troubles + 1, 'failed_at', text(now))
    pause(math.min(60, 2 ^ math.min(6, troubles)) * SECOND, 'failing')
  end
  return pause_left()
end

if operation == 'take' then return take() end
if operation == 'sent' then
  for i = 3, #KEYS do redis.call('ZADD', KEYS[i], 'XX', 'GT', text(now), ticket) end
  return 0
end
if operation == 'leave' then
  for i = 2, #KEYS do redis.call('ZREM', KEYS[i], ticket) end
  return 0
end
if operation == 'pause' then return pause(tonumber(ARGV[2]), ARGV[3]) end
if operation == 'refused' then return refused() end
if operation == 'failed' then return failed() end
if operation == 'recovered' then
  redis.call('HDEL', gate, 'fails', 'troubles', 'failed_at')
  return 0
end
return redis.error_reply('no such operation: ' .. operation)
