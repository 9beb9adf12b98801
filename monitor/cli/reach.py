"""`mainevahti reach [SHOP]`: what keeps customers from reaching the shop, and what to do about it."""

import argparse

from monitor import pipeline
from monitor.app import all_secrets, open_app, read_config
from monitor.cli.known import refuse, unknown
from monitor.cli.output import Terminal
from monitor.config import ShopConfig
from monitor.errors import ConfigError, Mistake
from monitor.logs import set_up_logging
from monitor.store.sites import Finding
from monitor.wording import Wording, load_wording


def reach(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Look at the sites now and keep what was seen; 1 when something is wrong."""
    config = read_config(arguments.config)
    set_up_logging(all_secrets(config), level=40)
    shops = [shop for shop in config.shops if shop.site is not None]
    refuse(unknown("SHOP", "shop with a site", [arguments.shop], [shop.slug for shop in shops]))
    if not shops:
        raise ConfigError(
            [Mistake("shops", "no shop has a site to look at.", 'Write site = "https://…" under [[shops]].')]
        )
    wording = load_wording(arguments.language or config.language)
    with open_app(config, demo=False) as app:
        chosen = [shop for shop in shops if arguments.shop in (None, shop.slug)]
        wrong = [_look(app.parts, shop, wording, terminal) for shop in chosen]
    return int(any(wrong))


def _look(parts: pipeline.Parts, shop: ShopConfig, wording: Wording, terminal: Terminal) -> bool:
    with terminal.progress(f"Looking at {shop.site}"):
        seen = pipeline.look_at_site(parts, shop)
    assert seen is not None
    if not seen.findings:
        terminal.good(f"{shop.slug}: {wording.say('Customers can reach the shop by its own site.')}")
    for finding in seen.findings:
        _tell(finding, shop, wording, terminal)
    return bool(seen.findings)


def _tell(finding: Finding, shop: ShopConfig, wording: Wording, terminal: Terminal) -> None:
    said = wording.say(finding.sentence, **finding.values)
    (terminal.bad if finding.is_grave else terminal.warn)(f"{shop.slug}: {said}")
    terminal.say(f"         {wording.say(finding.remedy, **finding.values)}")
    if finding.values.get("said"):
        terminal.say(f"         ({finding.values['said']})")
