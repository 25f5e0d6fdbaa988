"""`learn plugins`."""

from __future__ import annotations

import typer

from learn_torch.cli.place import plugins_here
from learn_torch.cli.terminal import out
from learn_torch.escaping import harmless, harmless_line
from learn_torch.language import _
from learn_torch.plugins.contributions import Command


def command() -> Command:
    """`learn plugins`."""
    return Command("plugins", plugins, _("List the plugins and what they provide."))


def plugins(context: typer.Context) -> None:
    """List plugins."""
    from rich.table import Table
    from rich.text import Text

    # Does not read the courses, so that it still works when two have the same name and shows who provides them.
    plugins, _workspace = plugins_here(context, need_workspace=False)
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for heading in (_("plugin"), _("tracks"), _("datasets"), _("commands")):
        table.add_column(heading)
    tracks = {
        plugin: [track.id for pack in packs for track in pack.tracks()]
        for plugin, packs in plugins.contributed("learn_courses")
    }
    data_sets, commands = (
        {plugin: [one.name for one in many] for plugin, many in plugins.contributed(hook)}
        for hook in ("learn_data_sets", "learn_commands")
    )
    for name in plugins.names():
        brought = (one.get(name, []) for one in (tracks, data_sets, commands))
        table.add_row(Text(harmless_line(name)), *(Text(harmless(", ".join(names))) for names in brought))
    for broken in plugins.broken:
        reason = _("does not work: {reason}").format(reason=broken.reason)
        table.add_row(Text(harmless_line(broken.name)), Text(harmless(reason)))
    out().print(table)
