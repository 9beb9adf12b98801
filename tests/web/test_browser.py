"""The page behind a button in a real browser: its own style applies, nothing is loaded, the press works."""

import pytest

from monitor.app import make_web
from monitor.domain import AlertState
from monitor.links import LinkAction
from monitor.store import reads
from monitor.web import Pulse, WebServer
from tests.dashboard import running
from tests.stories.world import World
from tests.web.visiting import link_to

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(running.chromium() is None, reason="chromium is not installed"),
]


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (760, "dark")])
def test_press_in_a_browser(world: World, width: int, scheme: str) -> None:
    world.post("forum", 'Lumopuoti rikki <img src="https://evil.example/x.png"> ' + "pitkäsana" * 30)
    world.run()
    alert = world.alert
    server = WebServer(make_web(world.config, world.store, world.clock, Pulse(world.clock)), "127.0.0.1", 0)
    server.start()
    try:
        with running.browser() as browser:
            context, strayed = running.fenced(browser, width=width, scheme=scheme)
            page = context.new_page()
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.goto(f"http://127.0.0.1:{server.port}{link_to(world, alert, LinkAction.ANSWER)}")
            styled = "getComputedStyle(document.querySelector('button')).borderRadius"
            assert page.evaluate(styled) == "6.4px"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.locator("#answer_url").fill("https://forum.example/t1/9")
            page.get_by_role("button").click()
            page.get_by_role("heading", name="Merkitty vastatuksi").wait_for()
            assert page.get_by_role("button").count() == 0
            assert strayed == []
            assert [line for line in said if "favicon" not in line] == []
            context.close()
    finally:
        server.stop()
    with world.store.reading() as session:
        after = reads.alert(session, alert.id)
    assert after is not None
    assert (after.state, after.answer_url) == (AlertState.ANSWERED, "https://forum.example/t1/9")
