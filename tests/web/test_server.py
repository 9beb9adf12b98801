"""The thread that serves: it takes its port, answers real requests, and ends cleanly."""

import http.client
import logging
import socket
import threading
from pathlib import Path

import httpx
import pytest

from monitor.app import App, make_web
from monitor.errors import ConfigError
from monitor.links import LinkAction
from monitor.web import Pulse, WebServer
from tests.stories.world import World
from tests.web.visiting import link_to, open_world


def serve(world: World) -> WebServer:
    site = make_web(world.config, world.store, world.clock, Pulse(world.clock))
    server = WebServer(site, "127.0.0.1", 0)
    server.start()
    return server


def test_server_answers_and_ends_with_its_thread(world: World) -> None:
    server = serve(world)
    answer = httpx.get(f"http://127.0.0.1:{server.port}/healthz", trust_env=False)
    assert answer.text == "ok\n"
    assert "server" not in answer.headers
    server.stop()
    assert [one for one in threading.enumerate() if one.name == "web"] == []
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{server.port}/healthz", trust_env=False)


def test_server_that_never_started_can_be_stopped(world: World) -> None:
    site = make_web(world.config, world.store, world.clock, Pulse(world.clock))
    server = WebServer(site, "127.0.0.1", 0)
    server.stop()


def test_addresses_of_buttons_do_not_reach_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.post("forum", "Lumopuodista tuli lamppu rikki.")
    world.run()
    server = serve(world)
    url = link_to(world, world.alert, LinkAction.TAKE)
    with caplog.at_level(logging.DEBUG):
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", url)
        assert connection.getresponse().status == 200
        connection.close()
    server.stop()
    assert url.rpartition("/")[2] not in caplog.text


def test_open_connection_does_not_hold_up_the_end(world: World) -> None:
    server = serve(world)
    with socket.create_connection(("127.0.0.1", server.port)) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        server.stop()
    assert [one for one in threading.enumerate() if one.name == "web"] == []


def test_port_that_is_taken_is_a_mistake_with_a_remedy(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        site = make_web(world.config, world.store, world.clock, Pulse(world.clock))
        with pytest.raises(ConfigError) as caught:
            WebServer(site, "127.0.0.1", taken.getsockname()[1])
    (mistake,) = caught.value.mistakes
    assert mistake.path == "web.port"
    assert "choose another" in mistake.remedy


def test_app_serves_while_it_is_open(tmp_path: Path) -> None:
    world = open_world(tmp_path, web={"port": 0})
    app = App(world.config, world.store, world.parts, Pulse(world.clock))
    with app.web_serving() as address:
        assert address == "http://127.0.0.1:0"
        assert [one.name for one in threading.enumerate() if one.name == "web"] == ["web"]
    assert [one for one in threading.enumerate() if one.name == "web"] == []
    world.store.close()


def test_app_without_the_table_serves_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    app = App(world.config, world.store, world.parts, Pulse(world.clock))
    with app.web_serving() as address:
        assert address is None
        assert [one for one in threading.enumerate() if one.name == "web"] == []
    world.store.close()
