"""`learn plugins`."""

from __future__ import annotations

from learn_torch.cli.place import Place
from learn_torch.cli.terminal import out
from learn_torch.language import _


def plugins() -> None:
    """List plugins."""
    from rich.table import Table
    from rich.text import Text

    place = Place.here(need_workspace=False)
    manager = place.plugins.manager
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for heading in (_("plugin"), _("tracks"), _("data sets")):
        table.add_column(heading)
    for name, plugin in manager.list_name_plugin():
        others = [other for _name, other in manager.list_name_plugin() if other is not plugin]
        tracks = [
            track.id
            for packs in manager.subset_hook_caller("learn_courses", others)()
            for pack in packs
            for track in pack.tracks()
        ]
        data = [one.name for many in manager.subset_hook_caller("learn_data_sets", others)() for one in many]
        table.add_row(Text(name), Text(", ".join(tracks)), Text(", ".join(data)))
    for broken in place.plugins.broken:
        table.add_row(
            Text(broken.name), Text(_("not loaded: {reason}").format(reason=broken.reason)), Text("")
        )
    out().print(table)
