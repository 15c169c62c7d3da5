"""One lane per key: the queue that every call to a provider passes, shared by all processes through a gate in Redis.

    lane = lane_for(redis_url, "connection-12", rules)                    # threads: views, jobs
    lane = async_lane_for(redis_url, "connection-12", rules)              # tasks on the process's shared loop

A lane is a limiter as `providers.limiting` wants it; `providers.transport` puts a client's requests through it. The name
stands for the provider's quota: usually one connection, at Reply.io the user behind the key. No models here, so that the
gate can be measured without the product.
"""

from redis import Redis

from operations.lanes.aio import AsyncLane
from operations.lanes.answers import Fact, OnLearned
from operations.lanes.connections import connect
from operations.lanes.lane import Gate, Lane
from operations.lanes.loop import SharedLoop, run, shared_loop, stop_shared_loop
from operations.lanes.rules import DEFAULT, PROFILES, Profile, Rules, Window
from operations.lanes.script import GateUnavailable
from operations.lanes.state import LaneState, WindowUse, read_state, read_states

__all__ = [
    "DEFAULT",
    "PROFILES",
    "AsyncLane",
    "Fact",
    "GateUnavailable",
    "Lane",
    "LaneState",
    "OnLearned",
    "Profile",
    "Rules",
    "SharedLoop",
    "Window",
    "WindowUse",
    "async_lane_for",
    "lane_for",
    "read_state",
    "read_states",
    "run",
    "shared_loop",
    "stop_shared_loop",
]


def lane_for(redis: "Redis | str", name: str, rules: Rules, on_learned: OnLearned | None = None) -> Lane:
    """Return the lane for threads. `on_learned` is called in the thread whose call taught it."""
    return Lane(Gate(connect(redis) if isinstance(redis, str) else redis), name, rules, on_learned)


def async_lane_for(redis_url: str, name: str, rules: Rules, on_learned: OnLearned | None = None) -> AsyncLane:
    """Return the lane for coroutines on the process's shared loop. `on_learned` is called in a thread of its own."""
    return shared_loop().gate(redis_url).lane(name, rules, on_learned)
