import json
import socket
import threading
import time

import pytest

from gan_mri.errors import GanMriError
from gan_mri.training import cluster
from gan_mri.training.cluster import Cluster, gather, read_cluster

TASK = {"type": "worker", "index": 0}
TWO = {"worker": ["a:1", "b:2"]}

#: What TF_CONFIG may hold by mistake, and a part of the message.
WRONG = {
    "no JSON": ("worker 0 of 2", "no JSON"),
    "empty": ("", "no JSON"),
    "deep": ("[" * 100_000, "no JSON"),
    "a list": ([1, 2], "no cluster"),
    "empty object": ({}, "no cluster"),
    "no cluster": ({"task": TASK}, "no cluster"),
    "a number": ({"cluster": 3, "task": TASK}, "no cluster"),
    "no list": ({"cluster": {"worker": "a:1"}, "task": TASK}, "'a:1' for the list"),
    "no text": ({"cluster": {"worker": [3]}, "task": TASK}, "3 among the addresses of worker"),
    "no port": ({"cluster": {"worker": ["a"]}, "task": TASK}, "'a' among the addresses"),
    "far port": ({"cluster": {"worker": ["a:70000"]}, "task": TASK}, "'a:70000' among"),
    "twice": ({"cluster": {"worker": ["a:1", "a:1"]}, "task": TASK}, "the same address twice"),
    "two chiefs": ({"cluster": {"chief": ["a:1", "b:1"]}, "task": TASK}, "more than one chief"),
    "servers": ({"cluster": {**TWO, "ps": ["c:1"]}, "task": TASK}, "a job 'ps'"),
    "no task": ({"cluster": TWO}, "no task with type and index"),
    "half a task": ({"cluster": TWO, "task": {"type": "worker"}}, "no task with type and index"),
    "another type": ({"cluster": TWO, "task": {"type": "wroker", "index": 0}}, "task 'wroker 0'"),
    "too far": ({"cluster": TWO, "task": {"type": "worker", "index": 2}}, "task 'worker 2'"),
    "negative": ({"cluster": TWO, "task": {"type": "worker", "index": -1}}, "task 'worker -1'"),
    "a word": ({"cluster": TWO, "task": {"type": "worker", "index": "one"}}, "task 'worker one'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_description_is_one_paragraph(name):
    content, message = WRONG[name]
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(GanMriError, match="^TF_CONFIG: expected .*Received: ") as caught:
        read_cluster(text)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_who_is_in_it():
    jobs = {"worker": ["b:2", "[::1]:3"], "chief": ["a:1"]}
    found = read_cluster(json.dumps({"cluster": jobs, "task": {"type": "worker", "index": "1"}}))
    assert list(found.addresses.items()) == [
        ("chief 0", "a:1"),
        ("worker 0", "b:2"),
        ("worker 1", "[::1]:3"),
    ]
    assert found.own == "worker 1"


@pytest.fixture
def addresses():
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    found = {f"worker {n}": f"127.0.0.1:{s.getsockname()[1]}" for n, s in enumerate(sockets)}
    for one in sockets:
        one.close()
    return found


def wait(addresses, own, patience, ended):
    try:
        gather(Cluster(addresses, own), patience)
        ended[own] = "all there"
    except GanMriError as error:
        ended[own] = str(error)


def wait_together(addresses, present, patience, pause=0.0):
    """How it ends for those that are present, started one after the other."""
    ended, threads = {}, []
    for own in present:
        threads.append(threading.Thread(target=wait, args=(addresses, own, patience, ended)))
        threads[-1].start()
        time.sleep(pause)
    for thread in threads:
        thread.join(30)
    return ended


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_all_go_on_when_the_last_has_come(addresses, order):
    present = [f"worker {n}" for n in order]
    ended = wait_together(addresses, present, 20, pause=0.05)
    assert ended == dict.fromkeys(present, "all there")
    # TensorFlow opens the same address next.
    socket.create_server(("", int(addresses["worker 0"].rpartition(":")[2]))).close()


def test_who_did_not_come_is_named_by_all(addresses, monkeypatch, caplog):
    monkeypatch.setattr(cluster, "_EVERY", 0.3)
    ended = wait_together(addresses, ["worker 0", "worker 2"], 1.0)
    for own, message in ended.items():
        assert message.startswith("strategy multiworker: expected every worker of TF_CONFIG")
        assert f"{own} waited in vain for worker 1 ({addresses['worker 1']})." in message
    told = [record.getMessage() for record in caplog.records]
    for own in ended:
        assert f"{own} waits for worker 1 ({addresses['worker 1']})." in told


def test_without_the_first_nobody_starts(addresses, monkeypatch):
    monkeypatch.setattr(cluster, "_EVERY", 0.2)
    ended = wait_together(addresses, ["worker 1"], 0.3)
    assert f"waited in vain for worker 0 ({addresses['worker 0']})" in ended["worker 1"]


def test_an_address_that_is_taken(addresses):
    with socket.create_server(("", int(addresses["worker 0"].rpartition(":")[2]))):
        with pytest.raises(GanMriError, match="^TF_CONFIG: expected a free port .*in use"):
            gather(Cluster(addresses, "worker 0"), 1)


def test_one_worker_waits_for_nobody():
    gather(Cluster({"worker 0": "a:1"}, "worker 0"), 0)
